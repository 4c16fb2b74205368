//! `[sync] on-finding`: somebody's commands, told once of each new finding.

use std::time::Duration;

use anyhow::Result;

use super::session::Session;
use crate::engine::project::Project;
use crate::engine::trust::{Environment, Standing, Trust, surroundings};
use crate::host::process::{Call, End, variable};
use crate::model::Interrupted;
use crate::model::text::{count, escaped};
use crate::policy::trust::Place;
use crate::report::model::{Finding, FindingState};
use crate::report::{Report, json};

/// So many are told of one by one; of the others how many they are.
const MOST: usize = 20;
/// How long one command may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Tells of what is new in `report`. Whether that was not approved.
pub fn tell(session: &Session, project: &Project, report: &Report) -> Result<bool> {
    let new: Vec<&Finding> = report.findings.iter().flatten().filter(|it| it.state == FindingState::New).collect();
    let commands = &project.config.sync.on_finding;
    if new.is_empty() || commands.is_empty() {
        return Ok(false);
    }
    let Standing::Approved(approved) = Trust::of(project)?.standing(&session.trust)? else {
        session.terminal.narrate("tracks: nobody approved `on-finding`, so nobody was told of what is new");
        session.terminal.narrate("  hint: see and approve it with `tracks trust`");
        return Ok(true);
    };
    let one = |finding: &&Finding| (summary(finding), json::finding(finding));
    let mut news: Vec<(String, String)> = new.iter().take(MOST).map(one).collect();
    if new.len() > MOST {
        news.push((format!("and {}", count(new.len() - MOST, "more new finding")), "null\n".into()));
    }
    for text in commands {
        let Some(permit) = approved.permit(&Place::OnFinding, text) else { continue };
        for (summary, details) in &news {
            let mut call = surroundings(project, None, Environment::Whole);
            call.variables.push(variable("TRACKS_SUMMARY", summary));
            let call = Call { input: details.clone().into_bytes(), limit: Some(LIMIT), ..call };
            match permit.run(call, &mut |_| {})?.end {
                End::Exited(0) => {}
                End::Interrupted(signal) => return Err(Interrupted(signal).into()),
                end => {
                    let text = escaped(text.as_bytes());
                    session.terminal.narrate(&format!("tracks: `{text}` of `on-finding` {}", end.phrase()));
                }
            }
        }
    }
    Ok(false)
}

/// `error conflict.content b, a: api/server.ts: both changed the same lines`, in one line that nothing obeys.
fn summary(finding: &Finding) -> String {
    let tracks = if finding.tracks.is_empty() { String::new() } else { format!(" {}", finding.tracks.join(", ")) };
    let path = finding.path.as_ref().map_or_else(String::new, |path| format!("{path}: "));
    let severity = finding.severity.name();
    escaped(format!("{severity} {}{tracks}: {path}{}", finding.rule, finding.message).as_bytes())
}

//! `tracks explain`: what a rule means, why it matters, and how to cure what it finds.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use crate::model::Failure;
use crate::model::text::escaped;
use crate::policy::config::known::nearest;
use crate::policy::rules::catalogue::{RULES, info};
use crate::report::model::Explanation;
use crate::report::{Details, Report};

/// Say what a rule means, why it matters and how to cure it
#[derive(Args)]
pub struct ExplainArgs {
    /// The rule, such as ownership.foreign; all of them if not given
    #[arg(value_name = "RULE")]
    rule: Option<String>,
}

/// Runs it.
pub fn run(session: &Session, args: &ExplainArgs) -> Result<Ending> {
    let rules = match &args.rule {
        None => RULES.iter().collect(),
        Some(id) => vec![info(id).ok_or_else(|| unknown(id))?],
    };
    let explained = rules.into_iter().map(|rule| Explanation {
        rule: rule.id.to_owned(),
        severity: rule.severity.into(),
        meaning: rule.meaning.to_owned(),
        why: rule.why.to_owned(),
        cure: rule.cure.to_owned(),
    });
    let report = Report { rules: Some(explained.collect()), ..Report::new("explain") };
    session.print(&report, &Details::default())?;
    Ok(Ending::Clean)
}

fn unknown(id: &str) -> Failure {
    let failure = Failure::usage(format!("there is no rule `{}`", escaped(id.as_bytes())));
    match nearest(id, RULES.iter().map(|rule| rule.id)) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("list them with `tracks explain`"),
    }
}

//! What a track is told after a commit: the conflicts it has now and has not been told of. Only commits count; what was
//! told is remembered in a file that may be lost.

use std::collections::BTreeSet;

use anyhow::Result;

use super::premerge::{Premerge, Side, Trees};
use super::project::Project;
use super::snapshot;
use crate::git::Scratch;
use crate::host::files;
use crate::model::text::escaped;
use crate::model::{Track, Verdict};

/// Longer files were not written by us.
const LONGEST: u64 = 16 << 20;

/// What is new to a track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// With whom (a track, or the target) and in which paths, shown; in landing order.
    pub conflicts: Vec<(String, Vec<String>)>,
    /// With whom it could not be said.
    pub unknown: Vec<String>,
}

/// Merges a track's tip with the target and every other track, and says what is new in that.
pub fn of(project: &Project, scratch: &Scratch, track: &Track) -> Result<News> {
    let premerge = Premerge::new(&project.repo, scratch)?;
    let others: Vec<&Track> =
        project.tracks.iter().filter(|other| other.id != track.id && other.tip.is_some()).collect();
    let side = |tip| -> std::result::Result<Side, String> {
        let snapshot = snapshot::of_tip(scratch.objects(), tip)?;
        Ok(snapshot.side)
    };
    let mut sides = vec![side(track.tip), side(Some(project.target.commit))];
    sides.extend(others.iter().map(|other| side(other.tip)));
    let names: Vec<&str> =
        std::iter::once(project.target.name.as_str()).chain(others.iter().map(|other| other.id.as_str())).collect();
    let pairs: Vec<(usize, usize)> = (1..sides.len()).map(|at| (at, 0)).collect();
    let (verdicts, _) = premerge.pairs(&sides, &pairs, Trees::Skip)?;
    let told = Told::read(project, track);
    let (mut news, mut now) = (News::default(), BTreeSet::new());
    for verdict in verdicts {
        let name = names[verdict.ours - 1];
        match verdict.verdict {
            Verdict::Clean | Verdict::Disjoint => {}
            Verdict::Unknown(_) => news.unknown.push(name.to_owned()),
            Verdict::Conflict(conflicts) => {
                let mut paths: Vec<String> =
                    conflicts.iter().map(|conflict| escaped(conflict.path.as_bstr())).collect();
                paths.dedup();
                let line = |path: &String| format!("{name}\t{path}");
                now.extend(paths.iter().map(line));
                paths.retain(|path| !told.lines.contains(&line(path)));
                if !paths.is_empty() {
                    news.conflicts.push((name.to_owned(), paths));
                }
            }
        }
    }
    told.keep(now);
    Ok(news)
}

/// What a track was told before.
struct Told {
    file: std::path::PathBuf,
    lines: BTreeSet<String>,
}

impl Told {
    fn read(project: &Project, track: &Track) -> Told {
        let file = project.repo.state_dir().join("told").join(track.id.as_str());
        let content = files::read(&file, LONGEST).ok().flatten().unwrap_or_default();
        let lines = String::from_utf8_lossy(&content).lines().map(str::to_owned).collect();
        Told { file, lines }
    }

    /// Where it cannot be written the same is told again.
    fn keep(&self, now: BTreeSet<String>) {
        if now != self.lines {
            let text: String = now.into_iter().map(|line| line + "\n").collect();
            let _ = files::write_unsynced(&self.file, text.as_bytes());
        }
    }
}

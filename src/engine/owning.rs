//! What the owner commands read of the repository, and which tracks a pattern is taken from.

use anyhow::Result;
use bstr::ByteSlice;

use super::project::Project;
use crate::git::objects::Node;
use crate::git::{Scratch, tree};
use crate::model::{Failure, RepoPath, TrackId};
use crate::policy::config::give::Taking;
use crate::policy::contracts::fixed_part;
use crate::policy::ownership::Ownership;
use crate::policy::ownership::globs::{Globs, PathKind};

/// Where CODEOWNERS may lie, in the order in which the forges look.
const CODEOWNERS: [&str; 4] = [".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// Every file on the target.
pub fn files(project: &Project, scratch: &Scratch) -> Result<Vec<RepoPath>> {
    let target = scratch.objects().commit(project.target.commit)?.tree;
    let entries = tree::entries(scratch.objects(), target, None)?;
    Ok(entries.into_iter().map(|(path, _)| path).collect())
}

/// The CODEOWNERS of the target: where it lies, and its text. Refuses where there is none.
pub fn codeowners(project: &Project, scratch: &Scratch) -> Result<(&'static str, String)> {
    let objects = scratch.objects();
    let target = objects.commit(project.target.commit)?.tree;
    for place in CODEOWNERS {
        if let Some(Node::Leaf(entry)) = tree::lookup(objects, target, &RepoPath::new(place))? {
            let content = objects.blob(entry.id, 3 << 20)?;
            let content = content.ok_or_else(|| Failure::usage(format!("`{place}` is larger than 3 MiB")))?;
            return Ok((place, content.to_str_lossy().into_owned()));
        }
    }
    let failure = Failure::usage(format!("there is no CODEOWNERS on `{}`", project.target.name));
    Err(failure.hint(format!("it is looked for in {}", crate::model::text::list(&CODEOWNERS))).into())
}

/// From whom a pattern is taken when `to` gets it, and how: every other track that owns a file of the target which it
/// matches, or would own one.
///
/// Refuses a pattern that is not valid, and one whose files lie in a shared zone, which wins over every `owns`.
pub fn taken_from(project: &Project, files: &[RepoPath], glob: &str, to: &TrackId) -> Result<Vec<(TrackId, Taking)>> {
    let globs = Globs::new("GLOB", &[glob])?;
    let ownership = Ownership::new(&project.config, &project.uncommitted)?;
    let sample = sample(glob);
    let matched = || files.iter().filter(|path| globs.contains(path)).chain(sample.iter());
    if let Some((path, zone)) = matched().find_map(|path| Some((path, ownership.owner(path).zone?))) {
        let failure =
            Failure::usage(format!("`{path}` lies in the shared zone `{}`, which wins over `owns`", zone.name));
        return Err(failure.hint(format!("take it out of `shared.{}.paths` first", zone.name)).into());
    }
    let mut from = Vec::new();
    for (id, table) in &project.config.tracks {
        let Some(owns) = table.owns.as_ref().filter(|_| id != to.as_str()) else { continue };
        let rest: Vec<&String> = owns.iter().filter(|pattern| *pattern != glob).collect();
        let left = Globs::new("owns", &rest)?;
        let owns_more = matched().any(|path| left.decide(path, PathKind::File).is_some_and(|hit| !hit.negated));
        let taking = match (owns_more, rest.len() < owns.len()) {
            (true, _) => Taking::Except,
            (false, true) => Taking::Remove,
            (false, false) => continue,
        };
        from.push((TrackId::new(id).map_err(|why| super::project::bad_id(id, &why))?, taking));
    }
    Ok(from)
}

/// A path that a pattern would match: files that are not there yet change hands too.
fn sample(glob: &str) -> Option<RepoPath> {
    let fixed = fixed_part(glob).unwrap_or_else(|| RepoPath::new("new"));
    let path = if glob.ends_with(['/', '*']) { fixed.join(b"new") } else { fixed };
    Globs::new("GLOB", &[glob]).ok()?.contains(&path).then_some(path)
}

//! A new migration, with a version that nobody has.

use anyhow::{Context, Result};
use bstr::ByteSlice;
use jiff::civil::DateTime;

use super::Survey;
use crate::engine::journal::{self, Journal};
use crate::engine::project::Project;
use crate::host::{files, folders};
use crate::model::text::{escaped, list};
use crate::model::{Checkout, Failure, RepoPath, Track};
use crate::policy::migrations::migration::Reading;

/// What will be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The version that it gets.
    pub version: String,
    /// Each file with its content.
    pub files: Vec<(RepoPath, String)>,
}

/// Fixes what a migration called `name` of `track` is made of. `folder` is where, if somebody said so; `now` is in UTC.
pub fn plan(survey: &Survey, track: &Track, name: &str, folder: Option<RepoPath>, now: DateTime) -> Result<Plan> {
    if track.checkout != Checkout::Present {
        let failure = Failure::usage(format!("`{}` has no worktree to write it to", track.id));
        return Err(failure.hint("make one with `tracks init`").into());
    }
    let naming = &survey.naming;
    let slug = slug(name)?;
    let set = set(survey, folder)?;
    let next = crate::policy::migrations::numbering::next(naming, &survey.taken(&set), now);
    let preset = naming.preset();
    if let Some(own) = preset.and_then(|preset| preset.own_command.as_ref()) {
        let framework = naming.framework();
        let mut failure = Failure::usage(format!("{framework} writes migrations itself")).hint(format!(
            "in `{}`: `{}`",
            track.worktree.display(),
            own.replace("{n}", &slug)
        ));
        if let (Ok(next), true) = (&next, preset.is_some_and(|preset| preset.version.is_ordered())) {
            failure = failure.hint(format!("the next version that no track has is `{next}`"));
        }
        return Err(failure.into());
    }
    let version = next?;
    let templates = preset.map(|preset| preset.new_files(&newest_part(survey, &set)));
    let Some(templates) = templates.filter(|templates| !templates.is_empty()) else {
        let failure = Failure::usage("how a migration of your own pattern is called is yours to say");
        return Err(failure.hint(format!("the next version that no track has is `{version}`")).into());
    };
    let token = naming.token(&track.id).map_or(String::new(), |token| format!("{token}_"));
    let file = |template: &crate::policy::migrations::preset::NewFile| {
        let name = template.name.replace("{v}", &version).replace("{n}", &format!("{token}{slug}"));
        (set.join(name.as_bytes()), template.text.clone())
    };
    let files: Vec<(RepoPath, String)> = templates.iter().map(file).collect();
    for (path, _) in &files {
        if !matches!(naming.read(path), Reading::Migration(_)) {
            let failure = Failure::usage(format!("`{path}` would be no migration by `rules.migrations.pattern`"));
            return Err(failure.hint(format!("the next version that no track has is `{version}`")).into());
        }
    }
    Ok(Plan { version, files })
}

/// Writes it.
pub fn write((project, journal): (&Project, &Journal), plan: &Plan, track: &Track) -> Result<()> {
    let objects = project.repo.objects()?;
    let mut changes = Vec::new();
    for (path, text) in &plan.files {
        let place = track.worktree.join(path.as_bstr().to_path_lossy());
        if files::is_there(&place) {
            return Err(Failure::usage(format!("`{}` is there already", place.display())).into());
        }
        let parent = place.parent().context("a path in a worktree has a folder")?;
        if let Some(odd) = folders::first_not_plain(&track.worktree, parent) {
            return Err(Failure::usage(format!("`{}` is no plain folder", odd.display())).into());
        }
        changes.push((journal::file(&objects, &place, Some((text.as_bytes(), None)))?, place, text));
    }
    journal.carry_out(changes.iter().map(|(change, ..)| change.clone()).collect(), || {
        changes.iter().try_for_each(|(_, place, text)| files::write(place, text.as_bytes()))
    })
}

/// The name as frameworks take it: small letters, digits and `_`.
fn slug(name: &str) -> Result<String, Failure> {
    let slug: String = name.to_lowercase().replace([' ', '-'], "_");
    let fits = !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    match fits {
        true => Ok(slug),
        false => Err(Failure::usage(format!("`{}` is no name for a migration", escaped(name.as_bytes())))
            .hint("use letters, digits and `_`")),
    }
}

fn set(survey: &Survey, folder: Option<RepoPath>) -> Result<RepoPath, Failure> {
    if let Some(folder) = folder {
        return match survey.naming.is_home(&folder) {
            true => Ok(folder),
            false => Err(Failure::usage(format!("`{folder}` is no folder of migrations"))
                .hint("name one that `rules.migrations.directories` matches")),
        };
    }
    let known = survey.sets();
    let fixed = survey.naming.fixed_directories();
    match (known.as_slice(), fixed) {
        ([one], _) => Ok((*one).clone()),
        ([], [one]) => Ok(one.clone()),
        (many, _) => {
            let names: Vec<String> = many.iter().map(|set| format!("`{set}`")).collect();
            let which =
                if many.is_empty() { "there is none yet".to_owned() } else { format!("there are {}", list(&names)) };
            Err(Failure::usage(format!("which folder of migrations is meant: {which}")).hint("name it with `--in DIR`"))
        }
    }
}

/// The part (`up`) that the newest migration of a folder has; empty where it has none.
fn newest_part(survey: &Survey, set: &RepoPath) -> String {
    let there = survey.files.iter().filter(|file| file.migration.set == *set);
    let newest = there.max_by(|a, b| a.migration.version.cmp(&b.migration.version));
    newest.map_or(String::new(), |file| file.migration.part.clone())
}

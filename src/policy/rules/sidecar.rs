//! `migration.sidecar`: a file that the framework writes along with each migration was changed by two tracks, or not
//! changed although a migration came.

use bstr::ByteSlice;

use super::case::{Case, Migrations, finding};
use super::{OwnChange, Work};
use crate::model::{Finding, RepoPath};
use crate::policy::migrations::migration::{Migration, Reading};
use crate::policy::migrations::preset::{Outcome, Record};

/// Judges what the tracks that bring migrations made of the files beside these.
pub fn judge(case: &Case) -> Vec<Finding> {
    let Some(migrations) = &case.migrations else { return Vec::new() };
    let with_new = |work: &&Work| work.changes.iter().any(|change| brought(migrations, change).is_some());
    let mut works: Vec<&Work> = case.ground.works.iter().filter(with_new).collect();
    works.sort_by_key(|work| case.rank(&work.track));
    let mut findings: Vec<Finding> = works.iter().flat_map(|work| unrecorded(case, migrations, work)).collect();
    for (at, work) in works.iter().enumerate() {
        findings.extend(work.changes.iter().filter_map(|change| twice(migrations, &works[..at], (work, change))));
    }
    findings
}

fn brought(migrations: &Migrations, change: &OwnChange) -> Option<Migration> {
    match migrations.naming.read(&change.change.path) {
        Reading::Migration(migration) if change.is_new() => Some(migration),
        _ => None,
    }
}

/// A sidecar that one of `before` changed too, and differently.
fn twice(migrations: &Migrations, before: &[&Work], (work, change): (&Work, &OwnChange)) -> Option<Finding> {
    let path = &change.change.path;
    if !migrations.naming.is_sidecar(path) {
        return None;
    }
    let too = |other: &&&Work| {
        let there = other.changes.iter().find(|theirs| theirs.change.path == *path);
        there.is_some_and(|theirs| theirs.change.after != change.change.after)
    };
    let other = &before.iter().find(too)?.track;
    let framework = migrations.naming.framework();
    Some(Finding {
        message: format!(
            "{framework} writes it anew with each migration, and `{other}` has another one: whoever lands second must \
             have it made again, for a merge by hand is not what {framework} would write"
        ),
        cure: migrations.naming.preset().map_or(String::new(), |preset| preset.hint.clone()),
        ..finding("migration.sidecar", vec![work.track.clone(), other.clone()], path)
    })
}

/// New migrations that came without a change of the file that lists them.
fn unrecorded(case: &Case, migrations: &Migrations, work: &Work) -> Vec<Finding> {
    let Some(record) = migrations.naming.preset().and_then(|preset| preset.record.as_ref()) else { return Vec::new() };
    let brought = work.changes.iter().filter_map(|change| brought(migrations, change));
    let missing = brought.filter_map(|migration| {
        let file = migration.set.join(record.file.as_bytes());
        let changed = work.changes.iter().any(|change| change.change.path == file);
        (!changed && is_on_target(case, &file)).then(|| missing(migrations, work, record, (&migration, &file)))
    });
    missing.collect()
}

fn is_on_target(case: &Case, file: &RepoPath) -> bool {
    let names = case.ground.blobs.names_on_target(file.parent().as_ref());
    names.iter().any(|name| name.as_bstr() == file.file_name())
}

fn missing(
    migrations: &Migrations,
    work: &Work,
    record: &Record,
    (migration, file): (&Migration, &RepoPath),
) -> Finding {
    let framework = migrations.naming.framework();
    let outcome = match record.outcome {
        Outcome::Skip => format!("{framework} skips it silently"),
        _ => format!("{framework} refuses to run"),
    };
    Finding {
        message: format!("came without a change of `{file}`, which says what migrations there are: {outcome}"),
        cure: migrations.naming.preset().map_or(String::new(), |preset| preset.hint.clone()),
        ..finding("migration.sidecar", vec![work.track.clone()], &migration.path)
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    const POLICY: &str = "[tracks.a]\npriority = 2\n[tracks.b]\npriority = 1\n[rules.migrations]\n";

    #[test]
    fn a_sidecar_is_written_by_one_track_at_a_time() {
        let mut bench = Bench::new(&format!("{POLICY}preset = 'rails'"));
        bench.adds("a", &["db/migrate/1_x.rb"]);
        bench.change("a", "db/schema.rb", (Some("0"), Some("1")));
        bench.adds("b", &["db/migrate/2_y.rb"]);
        assert_eq!(bench.shown(), [""; 0]);
        bench.change("b", "db/schema.rb", (Some("0"), Some("2")));
        assert_eq!(bench.shown(), ["warn migration.sidecar a+b db/schema.rb"]);
    }

    #[test]
    fn without_a_migration_it_is_a_file_like_any() {
        let mut bench = Bench::new(&format!("{POLICY}preset = 'diesel'"));
        bench.change("a", "src/schema.rs", (Some("0"), Some("1")));
        bench.change("b", "src/schema.rs", (Some("0"), Some("2")));
        assert_eq!(bench.shown(), [""; 0]);
    }

    #[test]
    fn a_migration_that_is_not_recorded_is_skipped() {
        let mut bench = Bench::new(&format!("{POLICY}preset = 'drizzle'"));
        bench.adds("a", &["drizzle/0001_x.sql"]);
        assert_eq!(bench.shown(), [""; 0], "there is no journal at all");
        bench.target("drizzle/meta/_journal.json");
        let findings = bench.findings();
        assert_eq!(
            findings[0].message,
            "came without a change of `drizzle/meta/_journal.json`, which says what migrations there are: drizzle skips \
             it silently"
        );
        bench.change("a", "drizzle/meta/_journal.json", (Some("0"), Some("1")));
        assert_eq!(bench.shown(), [""; 0]);
    }
}

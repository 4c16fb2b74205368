//! `migration.duplicate`: two migrations of the target and all tracks that the framework would take for one.

use std::collections::BTreeMap;

use super::case::{Case, Migrations, finding, quoted};
use crate::model::{Finding, RepoPath, TrackId};
use crate::policy::migrations::migration::{Key, Migration, Subject};
use crate::policy::migrations::preset::Outcome;

/// One migration, and the track that adds it; `None` on the target.
type Member<'a> = (Option<&'a TrackId>, &'a Migration);

/// Judges the migrations of the target and of all tracks. The same path is the same migration; where several tracks
/// clash, all but one must give way: to the target, else to the track of the highest priority.
pub fn judge(case: &Case) -> Vec<Finding> {
    let Some(migrations) = &case.migrations else { return Vec::new() };
    let mut groups: BTreeMap<(&RepoPath, Key), Vec<Member>> = BTreeMap::new();
    for (track, migration) in &migrations.all {
        for key in migrations.naming.keys(migration) {
            groups.entry((&migration.set, key)).or_default().push((*track, migration));
        }
    }
    let clashing = groups.into_iter().filter(|(_, members)| members.len() > 1);
    clashing.flat_map(|((_, key), members)| clashes(case, migrations, key.subject, members)).collect()
}

fn clashes(case: &Case, migrations: &Migrations, subject: Subject, mut members: Vec<Member>) -> Vec<Finding> {
    // The target first, then the tracks as they win.
    members.sort_by_key(|(track, migration)| (track.map(|track| case.rank(track)), migration.path.clone()));
    let mut findings = Vec::new();
    for (at, (track, migration)) in members.iter().enumerate() {
        let Some(track) = track else { continue };
        let differs = |member: &&Member| {
            let gone = member.0.is_none() && case.is_gone(track, &member.1.path);
            member.1.path != migration.path && !gone
        };
        // A path that the target or a winner has too is no new claim.
        let repeated = members[..at].iter().any(|(_, earlier)| earlier.path == migration.path);
        if let Some(winner) = members[..at].iter().find(differs).filter(|_| !repeated) {
            findings.push(clash(case, migrations, subject, [(Some(track), migration), *winner]));
        }
    }
    findings
}

fn clash(case: &Case, migrations: &Migrations, subject: Subject, [loser, winner]: [Member; 2]) -> Finding {
    let target = case.ground.target;
    let owner = match winner.0 {
        None => format!("on `{target}`"),
        Some(track) if loser.0 == Some(track) => "of the same track".to_owned(),
        Some(track) => format!("of `{track}`"),
    };
    let what = match subject {
        Subject::Version => format!("version {}", quoted(&loser.1.version_text)),
        Subject::Name => "the name".to_owned(),
    };
    let cure = match (subject, loser.0) {
        (Subject::Version, Some(track)) => format!("`tracks migration renumber {track}`"),
        _ => "rename it".to_owned(),
    };
    let mut tracks: Vec<TrackId> = loser.0.into_iter().chain(winner.0).cloned().collect();
    tracks.dedup();
    let hint = migrations.naming.preset().map_or(String::new(), |preset| format!(" ({})", preset.hint));
    Finding {
        message: format!("{what} is also that of `{}` {owner}{}", winner.1.path, outcome(migrations)),
        cure: format!("{cure}{hint}"),
        ..finding("migration.duplicate", tracks, &loser.1.path)
    }
}

/// What the framework makes of it.
fn outcome(migrations: &Migrations) -> String {
    let naming = &migrations.naming;
    let Some(duplicate) = naming.preset().and_then(|preset| preset.duplicate.as_ref()) else { return String::new() };
    let does = match duplicate.outcome {
        Outcome::Refuse => "refuses to run",
        Outcome::Run => "runs both",
        Outcome::Skip => "skips one of them silently",
    };
    format!(": {} {does} ({})", naming.framework(), duplicate.reason)
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    const POLICY: &str = "
        [tracks.a]
        priority = 2
        [tracks.b]
        priority = 1
        [tracks.c]
        [tracks.d]
        [rules.migrations]
    ";

    /// Preset, what the target has, what tracks add, what is found.
    type Row<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)], &'a [&'a str]);

    #[test]
    fn one_key_is_one_migration() {
        let table: &[Row] = &[
            ("sqlx", &[], &[("a", "migrations/1_x.sql"), ("b", "migrations/01_y.sql")], &["a+b migrations/1_x.sql"]),
            ("sqlx", &[], &[("c", "migrations/1_x.sql"), ("d", "migrations/1_y.sql")], &["d+c migrations/1_y.sql"]),
            ("sqlx", &[], &[("a", "migrations/1_x.sql"), ("b", "migrations/1_x.sql")], &[]),
            ("sqlx", &[], &[("a", "x/migrations/1_x.sql"), ("b", "y/migrations/1_y.sql")], &[]),
            (
                "sqlx",
                &["migrations/1_x.sql"],
                &[("a", "migrations/1_y.sql"), ("b", "migrations/1_z.sql")],
                &["a migrations/1_y.sql", "b migrations/1_z.sql"],
            ),
            ("sqlx", &[], &[("a", "migrations/1_x.up.sql"), ("a", "migrations/1_x.down.sql")], &[]),
            ("sqlx", &[], &[("a", "migrations/1_x.sql"), ("a", "migrations/1_y.sql")], &["a migrations/1_y.sql"]),
            ("rails", &[], &[("a", "db/migrate/1_x.rb"), ("b", "db/migrate/2_x.rb")], &["a+b db/migrate/1_x.rb"]),
            (
                "flyway",
                &[],
                &[("a", "db/migration/V1.0__x.sql"), ("b", "db/migration/v2/V1__y.sql")],
                &["a+b db/migration/V1.0__x.sql"],
            ),
            ("django", &[], &[("a", "m/migrations/0002_x.py"), ("b", "m/migrations/0002_y.py")], &[]),
            (
                "diesel",
                &["migrations/1_x/up.sql"],
                &[("a", "migrations/1_y/up.sql"), ("a", "migrations/1_y/down.sql")],
                &["a migrations/1_y"],
            ),
        ];
        for (preset, target, added, expected) in table {
            let mut bench = Bench::new(&format!("{POLICY}preset = '{preset}'"));
            target.iter().for_each(|path| bench.target(path));
            added.iter().for_each(|(track, path)| bench.adds(track, &[path]));
            let shown = bench.shown();
            let found: Vec<&str> = shown.iter().filter_map(|f| f.strip_prefix("error migration.duplicate ")).collect();
            assert_eq!(found, *expected, "{preset} {target:?} {added:?}");
        }
    }

    #[test]
    fn a_renamed_migration_is_not_its_own_duplicate() {
        let mut bench = Bench::new(&format!("{POLICY}preset = 'sqlx'"));
        bench.change("a", "migrations/1_x.sql", (Some("x"), None));
        bench.adds("a", &["migrations/1_y.sql"]);
        assert_eq!(bench.shown(), ["error migration.edited a migrations/1_x.sql"]);
    }

    #[test]
    fn the_message_says_what_the_framework_will_do() {
        let mut bench = Bench::new(&format!("{POLICY}preset = 'goose'"));
        bench.adds("a", &["migrations/1_x.sql"]);
        bench.adds("b", &["migrations/1_y.sql", "migrations/7_z.sql"]);
        let findings = bench.findings();
        assert_eq!(
            findings[0].message,
            "version `1` is also that of `migrations/1_y.sql` of `b`: goose refuses to run (it panics on a version it \
             has read before)"
        );
        assert_eq!(
            findings[0].cure,
            "`tracks migration renumber a` (renumber; goose fix (hybrid versioning); -allow-missing)"
        );
    }
}

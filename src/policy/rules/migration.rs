//! `migration.*`, as far as one track's own files decide: names, tokens, pairs, order, and edits of what has landed.

use super::case::{Case, Migrations, finding, quoted};
use super::{OwnChange, Work, cure};
use crate::model::{Finding, Severity};
use crate::policy::migrations::migration::{Migration, Reading, Token};
use crate::policy::migrations::preset::Late;

/// Judges what a track did in the folders of migrations.
pub fn judge(case: &Case, work: &Work) -> Vec<Finding> {
    let Some(migrations) = &case.migrations else { return Vec::new() };
    let bench = Bench { case, migrations, work };
    work.changes.iter().flat_map(|change| bench.change(change)).collect()
}

struct Bench<'a> {
    case: &'a Case<'a>,
    migrations: &'a Migrations<'a>,
    work: &'a Work,
}

impl Bench<'_> {
    fn change(&self, change: &OwnChange) -> Vec<Finding> {
        match self.migrations.naming.read(&change.change.path) {
            Reading::Malformed { path, reason } if change.is_new() => vec![Finding {
                message: reason,
                cure: "rename it".to_owned(),
                ..finding("migration.name", vec![self.work.track.clone()], &path)
            }],
            Reading::Migration(migration) if self.migrations.on_target.contains(&migration.path) => {
                self.edited(change, &migration).into_iter().collect()
            }
            Reading::Migration(migration) if change.is_new() => {
                let found = [self.token(change, &migration), self.unpaired(&migration), self.late(&migration)];
                found.into_iter().flatten().collect()
            }
            _ => Vec::new(),
        }
    }

    /// `migration.edited`. A file that both sides added is a conflict, and a change of mode runs nothing anew.
    fn edited(&self, change: &OwnChange, migration: &Migration) -> Option<Finding> {
        let before = change.change.before.filter(|_| change.on_target.is_some())?;
        let done = match change.change.after {
            None => "deleted",
            Some(after) if after.id != before.id => "changed",
            Some(_) => return None,
        };
        let target = self.case.ground.target;
        let take_back = cure::take_back(target, change);
        Some(Finding {
            message: format!("is on `{target}` already and was {done}: where it has run, that will never happen"),
            cure: format!("{take_back}, and write a new migration"),
            ..finding("migration.edited", vec![self.work.track.clone()], &migration.path)
        })
    }

    /// `migration.foreign`, and `migration.name` for a token that is missing.
    fn token(&self, change: &OwnChange, migration: &Migration) -> Option<Finding> {
        let naming = &self.migrations.naming;
        let own = naming.token(&self.work.track);
        let cure = own.filter(|_| migration.path == change.change.path).map_or("rename it".to_owned(), |own| {
            format!("rename it: {}", cure::rename(change, &migration.path, &migration.with_token(own)))
        });
        match naming.token_of(migration, &self.work.track) {
            Token::Other(other) => Some(Finding {
                message: format!("carries {}, the token of `{other}`", quoted(naming.token(other)?)),
                cure: own.map_or(cure, |own| format!("rename it to carry {}", quoted(own))),
                ..finding("migration.foreign", vec![self.work.track.clone(), other.clone()], &migration.path)
            }),
            Token::Missing if naming.requires_token() => Some(Finding {
                message: format!("lacks the token {} after the version", quoted(own?)),
                cure,
                ..finding("migration.name", vec![self.work.track.clone()], &migration.path)
            }),
            Token::Missing | Token::Own => None,
        }
    }

    /// `migration.pair`.
    fn unpaired(&self, migration: &Migration) -> Option<Finding> {
        let pair = &self.migrations.naming.preset()?.pair;
        if !pair.contains(&migration.part) {
            return None;
        }
        let same = |other: &Migration| other.set == migration.set && other.version == migration.version;
        let here = self.migrations.all.iter().filter(|(track, _)| track.is_none_or(|track| *track == self.work.track));
        let parts: Vec<&str> = here.filter(|(_, other)| same(other)).map(|(_, other)| other.part.as_str()).collect();
        let missing = pair.iter().find(|part| !parts.contains(&part.as_str()))?;
        let half = if missing.is_empty() { "main".to_owned() } else { quoted(missing.trim_start_matches('.')) };
        Some(Finding {
            message: format!("the {half} half of this migration is missing"),
            cure: "add the other half".to_owned(),
            ..finding("migration.pair", vec![self.work.track.clone()], &migration.path)
        })
    }

    /// `migration.late`. The second half of a pair runs backwards, and has no order of its own.
    fn late(&self, migration: &Migration) -> Option<Finding> {
        let preset = self.migrations.naming.preset();
        let newest = self.migrations.newest(&migration.set).filter(|newest| migration.version < newest.version)?;
        if preset.is_some_and(|preset| preset.pair.iter().skip(1).any(|part| *part == migration.part)) {
            return None;
        }
        let framework = self.migrations.naming.framework();
        let (severity, outcome) = match preset.map(|preset| preset.late) {
            Some(Late::Graph) => return None,
            Some(Late::Error) => (Severity::Error, format!("{framework} refuses it")),
            Some(Late::Skip) => (Severity::Error, format!("{framework} skips it silently")),
            Some(Late::Run) => (Severity::Warning, format!("{framework} runs it out of order")),
            None => (Severity::Warning, "it may run out of order, or never".to_owned()),
        };
        let target = self.case.ground.target;
        let hint = preset.map_or(String::new(), |preset| format!(" ({})", preset.hint));
        let doubt = preset.map_or("", |preset| preset.doubt("late"));
        let (ours, theirs) = (quoted(&migration.version_text), quoted(&newest.version_text));
        Some(Finding {
            severity,
            message: format!("version {ours} is older than {theirs}, the newest on `{target}`: {outcome}{doubt}"),
            cure: format!("`tracks migration renumber {}`{hint}", self.work.track),
            ..finding("migration.late", vec![self.work.track.clone()], &migration.path)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    fn bench(rules: &str) -> Bench {
        let tracks = "[tracks.a]\n[tracks.b]\n[rules.migrations]\n";
        Bench::new(&format!("{tracks}{rules}"))
    }

    #[test]
    fn a_new_migration_is_judged_by_its_name() {
        let supabase = "preset = 'supabase'\ntoken = '{track}'\nrequire-token = true";
        let table: &[(&str, &str, &[&str])] = &[
            (supabase, "supabase/migrations/3_a_x.sql", &[]),
            (supabase, "supabase/migrations/x.sql", &["error migration.name a supabase/migrations/x.sql"]),
            (supabase, "supabase/migrations/3_x.sql", &["error migration.name a supabase/migrations/3_x.sql"]),
            (supabase, "supabase/migrations/3_b_x.sql", &["error migration.foreign a+b supabase/migrations/3_b_x.sql"]),
            (supabase, "supabase/migrations/1_a_x.sql", &["error migration.late a supabase/migrations/1_a_x.sql"]),
            (supabase, "supabase/seed.sql", &[]),
            ("preset = 'supabase'", "supabase/migrations/3_b_x.sql", &[]),
            ("preset = 'rails'", "db/migrate/1_x.rb", &["warn migration.late a db/migrate/1_x.rb"]),
        ];
        for (rules, path, expected) in table {
            let mut bench = bench(rules);
            for landed in ["supabase/migrations/2_a_x.sql", "db/migrate/2_y.rb"] {
                bench.target(landed);
            }
            bench.adds("a", &[path]);
            assert_eq!(bench.shown(), *expected, "{rules} {path}");
        }
    }

    #[test]
    fn what_is_on_the_target_is_not_edited() {
        let path = "supabase/migrations/1_x.sql";
        for (before, after, expected) in [
            (Some("x"), Some("y"), &["error migration.edited a supabase/migrations/1_x.sql"][..]),
            (Some("x"), None, &["error migration.edited a supabase/migrations/1_x.sql"]),
            (Some("x"), Some("x"), &[]),
        ] {
            let mut bench = bench("preset = 'supabase'");
            bench.change("a", path, (before, after));
            assert_eq!(bench.shown(), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn both_halves_belong_together() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("sqlx", &["migrations/1_x.up.sql", "migrations/1_x.down.sql"], &[]),
            ("sqlx", &["migrations/1_x.sql"], &[]),
            ("sqlx", &["migrations/1_x.up.sql"], &["error migration.pair a migrations/1_x.up.sql"]),
            ("efcore", &["Migrations/20240101000000_X.cs"], &["error migration.pair a Migrations/20240101000000_X.cs"]),
        ];
        for (preset, paths, expected) in table {
            let mut bench = bench(&format!("preset = '{preset}'"));
            bench.adds("a", paths);
            assert_eq!(bench.shown(), *expected, "{preset} {paths:?}");
        }
    }

    #[test]
    fn a_missing_token_comes_with_the_command() {
        let mut bench = bench("preset = 'supabase'\ntoken = '{track}'\nrequire-token = true");
        bench.adds("a", &["supabase/migrations/3_x.sql"]);
        let findings = bench.findings();
        assert_eq!(findings[0].message, "lacks the token `a` after the version");
        assert_eq!(
            findings[0].cure,
            "rename it: `git mv -- supabase/migrations/3_x.sql supabase/migrations/3_a_x.sql`"
        );
    }
}

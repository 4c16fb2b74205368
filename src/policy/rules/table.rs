//! `ownership.table`: a migration creates, alters, indexes or drops what another track owns, or what its own track does
//! not list.

use std::collections::BTreeMap;

use super::case::{Case, Migrations, finding, quoted};
use super::content::Content;
use super::{Work, cure};
use crate::model::text::{count, list};
use crate::model::{Finding, LineRange, RepoPath, Severity, TrackId};
use crate::policy::migrations::migration::Reading;
use crate::policy::ownership::POLICY_FILE;
use crate::policy::sql::{ADDS_COLUMNS, Act, Effect, Touch, acts};

/// What a track may do to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    All,
    AddColumns,
}

/// Judges one file, where any track lists `tables` and the file is a migration.
pub fn judge(case: &Case, work: &Work, content: &Content) -> Vec<Finding> {
    let Some(migrations) = &case.migrations else { return Vec::new() };
    let path = content.path();
    let is_migration = matches!(migrations.naming.read(path), Reading::Migration(_));
    if !is_migration || content.change().change.after.is_none() || !case.tables.is_declared() {
        return Vec::new();
    }
    let mut verdict = Verdict::default();
    if !path.as_bstr().ends_with(b".sql") {
        verdict.unclear.push((Vec::new(), "it is not SQL".to_owned()));
    } else if let Some(lines) = content.lines() {
        let text = lines.iter().map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join("\n");
        let judge = Judge { case, migrations, work };
        acts(&text, migrations.naming.dialect()).iter().for_each(|act| judge.act(act, &mut verdict));
    } else {
        verdict.unclear.push((Vec::new(), "it is no text, or could not be read".to_owned()));
    }
    verdict.findings(case, work, content)
}

/// Who may do what to which object, by `tables`.
pub struct Tables {
    /// By name, in lower case; those that are on the target first.
    owners: BTreeMap<String, Vec<(TrackId, Right)>>,
}

impl Tables {
    /// Reads `tables` of every track.
    pub fn new(case: &super::Ground) -> Tables {
        let mut owners: BTreeMap<String, Vec<(TrackId, Right)>> = BTreeMap::new();
        let tracks = case.config.tracks.iter().filter_map(|(id, table)| Some((TrackId::new(id).ok()?, table)));
        let (committed, new): (Vec<_>, Vec<_>) = tracks.partition(|(id, _)| case.ownership.is_committed(id));
        for (id, table) in committed.into_iter().chain(new) {
            for written in &table.tables {
                let (name, right) = match written.strip_suffix(":add-columns") {
                    Some(name) => (name, Right::AddColumns),
                    None => (written.as_str(), Right::All),
                };
                owners.entry(name.to_lowercase()).or_default().push((id.clone(), right));
            }
        }
        Tables { owners }
    }

    fn is_declared(&self) -> bool {
        !self.owners.is_empty()
    }

    /// Whether a track lists any.
    fn restricts(&self, track: &TrackId) -> bool {
        self.owners.values().flatten().any(|(id, _)| id == track)
    }

    /// Those that have a right to an object: under its name as written, else under its name without the schema.
    fn of(&self, name: &str) -> &[(TrackId, Right)] {
        let bare = name.rsplit('.').next().unwrap_or(name);
        self.owners.get(name).or_else(|| self.owners.get(bare)).map_or(&[], Vec::as_slice)
    }
}

/// What was found in one file.
#[derive(Default)]
struct Verdict {
    /// By owner; without one the object is not among the track's own.
    wrong: BTreeMap<Option<TrackId>, Vec<(LineRange, String)>>,
    /// What could not be judged, and why.
    unclear: Vec<(Vec<LineRange>, String)>,
}

struct Judge<'a> {
    case: &'a Case<'a>,
    migrations: &'a Migrations<'a>,
    work: &'a Work,
}

impl Judge<'_> {
    fn act(&self, act: &Act, verdict: &mut Verdict) {
        match &act.effect {
            Effect::Touches(touches) => touches.iter().for_each(|touch| self.touch(act, touch, verdict)),
            Effect::Unparsed => verdict.unclear.push((vec![act.lines], "it could not be parsed".to_owned())),
            Effect::Opaque(why) => verdict.unclear.push((vec![act.lines], format!("it {why}"))),
        }
    }

    fn touch(&self, act: &Act, touch: &Touch, verdict: &mut Verdict) {
        let tables = &self.case.tables;
        let listed = !tables.of(&touch.name).is_empty();
        let found = touch.table.clone().or_else(|| if listed { None } else { self.table_of(touch) });
        if found.is_none() && !listed && matches!(touch.noun, "index" | "trigger") {
            let why = format!("no migration says to which table the {} {} belongs", touch.noun, quoted(&touch.name));
            verdict.unclear.push((vec![act.lines], why));
            return;
        }
        let subject = found.as_deref().unwrap_or(&touch.name);
        let rights = tables.of(subject);
        let own = rights.iter().find(|(id, _)| *id == self.work.track).map(|(_, right)| *right);
        let owner = rights.iter().find(|(id, right)| *id != self.work.track && *right == Right::All);
        let allowed = match (own, owner) {
            (Some(Right::All), _) => true,
            (Some(Right::AddColumns), _) => touch.verb == ADDS_COLUMNS,
            (None, Some(_)) => false,
            (None, None) => !tables.restricts(&self.work.track),
        };
        if !allowed {
            let what = match &found {
                Some(table) => format!("{} {} {} on {}", touch.verb, touch.noun, quoted(&touch.name), quoted(table)),
                None => format!("{} {}", touch.verb, quoted(&touch.name)),
            };
            verdict.wrong.entry(owner.map(|(id, _)| id.clone())).or_default().push((act.lines, what));
        }
    }

    /// The table of an index or trigger that is named alone: as the migrations of its folder say that made it.
    fn table_of(&self, touch: &Touch) -> Option<String> {
        if !matches!(touch.noun, "index" | "trigger") {
            return None;
        }
        let ours = |track: &Option<TrackId>| track.as_ref().is_none_or(|track| *track == self.work.track);
        let files = self.case.ground.migrations.iter().filter(|file| ours(&file.track)).map(|file| file.blob);
        let own = self.work.changes.iter().map(|change| change.change.after.map(|after| after.id));
        own.chain(files).flatten().find_map(|blob| {
            let text = self.case.ground.blobs.content(blob)?;
            let text = String::from_utf8_lossy(&text);
            // Most files do not name it, and parsing takes time.
            let bare = touch.name.rsplit('.').next().unwrap_or(&touch.name);
            if !text.to_lowercase().contains(bare) {
                return None;
            }
            let made = |made: &Touch| made.noun == touch.noun && made.name.rsplit('.').next() == Some(bare);
            acts(&text, self.migrations.naming.dialect()).into_iter().find_map(|act| match act.effect {
                Effect::Touches(touches) => touches.into_iter().filter(made).find_map(|touch| touch.table),
                _ => None,
            })
        })
    }
}

impl Verdict {
    fn findings(self, case: &Case, work: &Work, content: &Content) -> Vec<Finding> {
        let path = content.path();
        let take_back = cure::take_back(case.ground.target, content.change());
        let wrong = self.wrong.into_iter().map(|(owner, acts)| wrong(case, (work, path), owner, acts, &take_back));
        let mut findings: Vec<Finding> = wrong.collect();
        if self.unclear.is_empty() {
            return findings;
        }
        let reasons: Vec<&str> = self.unclear.iter().map(|(_, reason)| reason.as_str()).collect();
        let more = if reasons.len() > 1 { format!(" (and {} more)", reasons.len() - 1) } else { String::new() };
        let message = format!("what it does to tables is not known in full: {}{more}", reasons[0]);
        let lines: Vec<LineRange> = self.unclear.into_iter().flat_map(|(lines, _)| lines).collect();
        // There is one finding for one set of tracks.
        match findings.iter_mut().find(|finding| finding.tracks.len() == 1) {
            Some(own) => {
                own.message = format!("{}; {message}", own.message);
                own.lines.extend(lines);
                own.lines.sort();
            }
            None => findings.push(Finding {
                severity: Severity::Warning,
                message,
                cure: "look at it by hand: whose tables does it touch?".to_owned(),
                lines,
                ..finding("ownership.table", vec![work.track.clone()], path)
            }),
        }
        findings
    }
}

fn wrong(
    case: &Case,
    (work, path): (&Work, &RepoPath),
    owner: Option<TrackId>,
    acts: Vec<(LineRange, String)>,
    take_back: &str,
) -> Finding {
    let mut said: Vec<String> = acts.iter().map(|(_, what)| what.clone()).collect();
    said.dedup();
    let more = said.len().saturating_sub(4);
    said.truncate(4);
    said.extend((more > 0).then(|| count(more, "other deed")));
    let done = list(&said);
    let (message, first) = match &owner {
        Some(owner) => (format!("{done}, which belongs to `{owner}`"), format!("ask `{owner}` to do it")),
        None => (
            format!("{done}, which is not in `tables` of `{}`", work.track),
            format!("add it to `tracks.{}.tables` in `{POLICY_FILE}` on `{}`", work.track, case.ground.target),
        ),
    };
    Finding {
        message,
        cure: format!("{first}, or {take_back}"),
        lines: acts.into_iter().map(|(lines, _)| lines).collect(),
        ..finding("ownership.table", [Some(work.track.clone()), owner].into_iter().flatten().collect(), path)
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    const POLICY: &str = r#"
        [tracks.a]
        tables = ["agents", "versions", "touch_agents"]
        [tracks.b]
        tables = ["templates", "auth.users", "agents:add-columns"]
        [tracks.free]
        [rules.migrations]
        preset = "supabase"
    "#;

    fn found(track: &str, text: &str) -> Vec<String> {
        let mut bench = Bench::new(POLICY);
        bench.target_file("supabase/migrations/0_old.sql", "create index old_i on templates (x);");
        bench.change(track, "supabase/migrations/1_x.sql", (None, Some(text)));
        let shown = |f: &crate::model::Finding| {
            let tracks: Vec<&str> = f.tracks.iter().map(|t| t.as_str()).collect();
            let lines: Vec<String> = f.lines.iter().map(|l| format!("{}-{}", l.first, l.last)).collect();
            format!("{} {} [{}] {}", f.severity.name(), tracks.join("+"), lines.join(" "), f.message)
        };
        bench.findings().iter().map(shown).collect()
    }

    #[test]
    fn tables_have_one_owner() {
        let table: &[(&str, &str, &[&str])] = &[
            ("a", "create table agents (x int); create index i on public.agents (x); drop table versions;", &[]),
            ("a", "create function touch_agents() returns trigger as $$ x $$ language plpgsql;", &[]),
            (
                "a",
                "alter table templates add column x int;",
                &["error a+b [1-1] adds columns to `templates`, which belongs to `b`"],
            ),
            ("a", "create table other (x int);", &["error a [1-1] creates `other`, which is not in `tables` of `a`"]),
            (
                "a",
                "create index i on templates (x);\ndrop table auth.users;",
                &["error a+b [1-1 2-2] creates index `i` on `templates` and drops `auth.users`, which belongs to `b`"],
            ),
            ("b", "alter table agents add column x int, add column y int;", &[]),
            ("b", "alter table agents drop column x;", &["error b+a [1-1] alters `agents`, which belongs to `a`"]),
            (
                "b",
                "create index i on agents (x);",
                &["error b+a [1-1] creates index `i` on `agents`, which belongs to `a`"],
            ),
            ("b", "drop index old_i;", &[]),
            ("a", "drop index old_i;", &["error a+b [1-1] drops index `old_i` on `templates`, which belongs to `b`"]),
            (
                "b",
                "alter table users add column x int;",
                &["error b [1-1] adds columns to `users`, which is not in `tables` of `b`"],
            ),
            ("free", "create table other (x int);", &[]),
            ("free", "drop table agents;", &["error free+a [1-1] drops `agents`, which belongs to `a`"]),
            ("free", "insert into agents values (1);", &[]),
            (
                "a",
                "drop index nobody_knows;",
                &[
                    "warn a [1-1] what it does to tables is not known in full: no migration says to which table the index \
                 `nobody_knows` belongs",
                ],
            ),
            (
                "a",
                "create table agents (x int);\ndo $$ begin drop table templates; end $$;\nnonsense;",
                &["warn a [2-2 3-3] what it does to tables is not known in full: it could not be parsed (and 1 more)"],
            ),
            (
                "a",
                "nonsense;\ndrop table other;",
                &[
                    "error a [1-1 2-2] drops `other`, which is not in `tables` of `a`; what it does to tables is not known \
                 in full: it could not be parsed",
                ],
            ),
        ];
        for (track, text, expected) in table {
            assert_eq!(found(track, text), *expected, "{track} {text}");
        }
    }

    #[test]
    fn without_tables_nobody_is_asked() {
        let mut bench = Bench::new("[tracks.a]\n[rules.migrations]\npreset = 'supabase'");
        bench.change("a", "supabase/migrations/1_x.sql", (None, Some("nonsense")));
        assert_eq!(bench.shown(), [""; 0]);
    }

    #[test]
    fn what_is_not_sql_is_said_to_be_unknown() {
        let mut bench = Bench::new("[tracks.a]\ntables = ['x']\n[rules.migrations]\npreset = 'rails'");
        bench.change("a", "db/migrate/1_x.rb", (None, Some("drop_table :y")));
        assert_eq!(bench.shown(), ["warn ownership.table a db/migrate/1_x.rb"]);
    }
}

//! `migration.heads`: migrations that name the one before them, and end in two that nothing follows.

use std::collections::BTreeMap;

use super::case::{Case, Migrations, finding};
use crate::model::text::list;
use crate::model::{BlobId, Finding, RepoPath, Severity, TrackId};
use crate::policy::migrations::graph::{self, GraphKind, Heads, Node};
use crate::policy::migrations::migration::Reading;

type Nodes = BTreeMap<RepoPath, Node>;

/// The migrations of one folder: the target's, and what each track makes of them.
#[derive(Default)]
struct Set<'a> {
    target: Nodes,
    tracks: BTreeMap<&'a TrackId, BTreeMap<RepoPath, Option<Node>>>,
}

/// Judges each track on the target, and each two tracks together: where both are fine alone, the one of less priority
/// must give way.
pub fn judge(case: &Case) -> Vec<Finding> {
    let Some(migrations) = &case.migrations else { return Vec::new() };
    let Some(kind) = migrations.naming.preset().and_then(|preset| preset.graph) else { return Vec::new() };
    let sets = sets(case, migrations, kind);
    sets.iter().flat_map(|(path, set)| Judge { case, kind, path, set }.judge(migrations)).collect()
}

fn sets<'a>(case: &'a Case<'a>, migrations: &Migrations, kind: GraphKind) -> BTreeMap<RepoPath, Set<'a>> {
    let set_of = |path: &RepoPath| match migrations.naming.read(path) {
        Reading::Migration(migration) => Some(migration.set),
        _ => None,
    };
    let read = |path: &RepoPath, blob: Option<BlobId>| {
        let content = blob.and_then(|blob| case.ground.blobs.content(blob));
        graph::read(kind, path, content.as_deref())
    };
    let mut sets: BTreeMap<RepoPath, Set> = BTreeMap::new();
    for work in case.ground.works {
        for change in &work.changes {
            let path = &change.change.path;
            let Some(set) = set_of(path) else { continue };
            let node = change.change.after.map(|after| read(path, Some(after.id).filter(|_| after.mode.is_file())));
            sets.entry(set).or_default().tracks.entry(&work.track).or_default().insert(path.clone(), node);
        }
    }
    for file in case.ground.migrations {
        let Some(set) = set_of(&file.path) else { continue };
        let set = sets.entry(set).or_default();
        let known = match &file.track {
            None => set.target.contains_key(&file.path),
            Some(track) => set.tracks.get(track).is_some_and(|files| files.contains_key(&file.path)),
        };
        if known {
            continue;
        }
        let node = read(&file.path, file.blob);
        match &file.track {
            None => drop(set.target.insert(file.path.clone(), node)),
            Some(track) => drop(set.tracks.entry(track).or_default().insert(file.path.clone(), Some(node))),
        }
    }
    sets
}

struct Judge<'a> {
    case: &'a Case<'a>,
    kind: GraphKind,
    path: &'a RepoPath,
    set: &'a Set<'a>,
}

impl Judge<'_> {
    fn judge(&self, migrations: &Migrations) -> Vec<Finding> {
        let allowed = self.heads(&[]).paths.len().max(1);
        let mut tracks: Vec<&TrackId> = self.set.tracks.keys().copied().collect();
        tracks.sort_by_key(|track| self.case.rank(track));
        let alone: Vec<(Heads, usize)> = tracks
            .iter()
            .map(|track| {
                let heads = self.heads(&[track]);
                let number = heads.paths.len();
                (heads, number)
            })
            .collect();
        let mut findings = Vec::new();
        for (at, track) in tracks.iter().enumerate() {
            findings.extend(self.repeated(track, None));
            let (heads, number) = &alone[at];
            if *number > allowed {
                findings.extend(self.finding(migrations, heads, &[track]));
                continue;
            }
            for (winner, _) in tracks[..at].iter().zip(&alone).filter(|(_, (_, number))| *number <= allowed) {
                findings.extend(self.repeated(track, Some(winner)));
                let both = self.heads(&[winner, track]);
                let apart = number.max(&alone[tracks.iter().position(|t| t == winner).unwrap_or(at)].1);
                if both.paths.len() > *apart.max(&allowed) {
                    findings.extend(self.finding(migrations, &both, &[track, winner]));
                }
            }
        }
        findings
    }

    /// The target's migrations with what these tracks make of them.
    fn nodes(&self, tracks: &[&TrackId]) -> Nodes {
        let mut nodes = self.set.target.clone();
        for (path, node) in tracks.iter().flat_map(|track| &self.set.tracks[track]) {
            match node {
                Some(node) => drop(nodes.insert(path.clone(), node.clone())),
                None => drop(nodes.remove(path)),
            }
        }
        nodes
    }

    fn heads(&self, tracks: &[&TrackId]) -> Heads {
        graph::heads(self.path, &self.nodes(tracks))
    }

    /// The heads as a finding about the first of `tracks`, in whose file it lies.
    fn finding(&self, migrations: &Migrations, heads: &Heads, tracks: &[&TrackId]) -> Option<Finding> {
        let own = &self.set.tracks[tracks[0]];
        let path = heads.paths.iter().rev().find(|path| own.contains_key(*path)).or(heads.paths.last())?;
        let others: Vec<String> = heads.paths.iter().filter(|other| *other != path).map(|p| self.named(p)).collect();
        let framework = migrations.naming.framework();
        let together = match tracks.get(1) {
            Some(winner) => format!("once `{winner}` has landed too, "),
            None => String::new(),
        };
        let hint = migrations.naming.preset().map_or("", |preset| &preset.hint);
        let ids: Vec<TrackId> = tracks.iter().map(|track| (*track).clone()).collect();
        let (severity, message) = match &heads.unknown {
            Some(unknown) => (
                Severity::Warning,
                format!(
                    "cannot tell which migration `{unknown}` follows, for it does not say so in so many words: there may \
                     be two heads, and then {framework} refuses to run"
                ),
            ),
            None => (
                Severity::Error,
                format!(
                    "{together}nothing follows this migration, and nothing follows {}: {framework} refuses to run with \
                     two heads",
                    list(&others)
                ),
            ),
        };
        let cure = match severity {
            Severity::Error => format!("`tracks migration renumber {}`, or {hint}", tracks[0]),
            _ => "look at it by hand".to_owned(),
        };
        Some(Finding { severity, message, cure, ..finding("migration.heads", ids, path) })
    }

    fn named(&self, path: &RepoPath) -> String {
        let holder = self.set.tracks.iter().find(|(_, files)| files.get(path).is_some_and(Option::is_some));
        match holder {
            Some((track, _)) => format!("`{path}` of `{track}`"),
            None => format!("`{path}` on `{}`", self.case.ground.target),
        }
    }

    /// Two revisions of one id, for Alembic: the names of the files do not show it.
    fn repeated(&self, track: &TrackId, winner: Option<&TrackId>) -> Vec<Finding> {
        if self.kind != GraphKind::Alembic {
            return Vec::new();
        }
        let own = self.set.tracks[track].iter().filter_map(|(path, node)| Some((path, node.as_ref()?)));
        let others: Vec<(&RepoPath, &Node)> = match winner {
            None => self.set.target.iter().filter(|(path, _)| !self.set.tracks[track].contains_key(*path)).collect(),
            Some(winner) => {
                let theirs = self.set.tracks[winner].iter();
                theirs.filter_map(|(path, node)| Some((path, node.as_ref()?))).collect()
            }
        };
        let clash = |(path, node): (&RepoPath, &Node)| {
            let (other, _) = others.iter().find(|(other, theirs)| *other != path && theirs.id == node.id)?;
            let ids = [track].into_iter().chain(winner).cloned().collect();
            Some(Finding {
                message: format!(
                    "revision `{}` is also that of {}: alembic skips one of them silently",
                    crate::model::text::escaped(node.id.as_bytes()),
                    self.named(other)
                ),
                cure: "give it a `revision` of its own, and the file a name that begins with it".to_owned(),
                ..finding("migration.duplicate", ids, path)
            })
        };
        own.filter_map(clash).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    const POLICY: &str = "[tracks.a]\npriority = 2\n[tracks.b]\npriority = 1\n[tracks.c]\n[rules.migrations]\n";

    fn after(id: &str) -> String {
        format!("class Migration:\n    dependencies = [('shop', '{id}')]\n")
    }

    /// What tracks add after `0001_first`, and what is found.
    type Row<'a> = (&'a [(&'a str, &'a str, &'a str)], &'a [&'a str]);

    #[test]
    fn django_has_one_head() {
        let (one, two) = (after("0001_first"), after("0002_b"));
        let table: &[Row] = &[
            (&[("a", "0002_a", &one)], &[]),
            (&[("a", "0002_a", &one), ("b", "0002_b", &one)], &["error migration.heads a+b shop/migrations/0002_a.py"]),
            (&[("b", "0002_b", &one), ("b", "0003_c", &two)], &[]),
            (&[("a", "0002_a", "dependencies = []")], &["error migration.heads a shop/migrations/0002_a.py"]),
            (&[("a", "0002_a", "dependencies = before()")], &["warn migration.heads a shop/migrations/0002_a.py"]),
            (
                &[("a", "0002_a", "dependencies = []"), ("b", "0002_b", &one)],
                &["error migration.heads a shop/migrations/0002_a.py"],
            ),
        ];
        for (added, expected) in table {
            let mut bench = Bench::new(&format!("{POLICY}preset = 'django'"));
            bench.target_file("shop/migrations/0001_first.py", "dependencies = []");
            for (track, name, text) in *added {
                bench.change(track, &format!("shop/migrations/{name}.py"), (None, Some(text)));
            }
            assert_eq!(bench.shown(), *expected, "{added:?}");
        }
    }

    #[test]
    fn a_merge_of_the_heads_ends_it() {
        let mut bench = Bench::new(&format!("{POLICY}preset = 'django'"));
        bench.target_file("shop/migrations/0001_first.py", "dependencies = []");
        bench.target_file("shop/migrations/0002_b.py", &after("0001_first"));
        bench.change("a", "shop/migrations/0002_a.py", (None, Some(&after("0001_first"))));
        let found = &bench.findings()[0];
        assert_eq!(
            found.message,
            "nothing follows this migration, and nothing follows `shop/migrations/0002_b.py` on `main`: django refuses to \
             run with two heads"
        );
        let merge = "dependencies = [('shop', '0002_a'), ('shop', '0002_b')]";
        bench.change("a", "shop/migrations/0003_merge.py", (None, Some(merge)));
        assert_eq!(bench.shown(), [""; 0]);
    }

    #[test]
    fn alembic_has_one_head_and_each_revision_once() {
        let mut bench = Bench::new(&format!("{POLICY}preset = 'alembic'"));
        bench.target_file("db/versions/aa_x.py", "revision = 'aa'\ndown_revision = None\n");
        bench.change("a", "db/versions/bb_x.py", (None, Some("revision = 'bb'\ndown_revision = 'aa'\n")));
        bench.change("b", "db/versions/cc_x.py", (None, Some("revision = 'cc'\ndown_revision = 'aa'\n")));
        bench.change("c", "db/versions/dd_x.py", (None, Some("revision = 'bb'\ndown_revision = 'aa'\n")));
        assert_eq!(
            bench.shown(),
            [
                "error migration.duplicate c+a db/versions/dd_x.py",
                "error migration.heads a+b db/versions/bb_x.py",
                "error migration.heads c+a db/versions/dd_x.py",
                "error migration.heads c+b db/versions/dd_x.py",
            ]
        );
    }
}

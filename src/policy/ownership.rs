//! Who owns which path, by `owns` and the shared zones of `tracks.toml`. Knows nothing of what anybody changed.

pub mod globs;
pub mod lint;

use std::collections::BTreeSet;

use self::globs::{Globs, PathKind};
use super::config::Config;
use super::config::model::{Region, ZoneMode};
use crate::model::{Failure, RepoPath, TrackId};

/// Where the policy is kept, at the root of the repository.
pub const POLICY_FILE: &str = "tracks.toml";

/// The answer to who owns a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// The shared zone it lies in; a zone wins over `owns`. Of several, the one that allows least.
    pub zone: Option<ZoneMatch<'a>>,
    /// The tracks that own it, by id: empty in a shared zone, more than one where `owns` overlap.
    pub owners: Vec<Match<'a>>,
}

/// A track that owns a path, and by which pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'a> {
    /// The track.
    pub track: &'a TrackId,
    /// The pattern as written.
    pub pattern: &'a str,
    /// Its place in `owns`, from 0.
    pub index: usize,
}

impl Match<'_> {
    /// Where the pattern stands in `tracks.toml`: `tracks.a.owns[1]`.
    pub fn key(&self) -> String {
        format!("tracks.{}.owns[{}]", self.track, self.index)
    }
}

/// A shared zone that a path lies in, and by which pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneMatch<'a> {
    /// The zone's name.
    pub name: &'a str,
    /// Who may do what there.
    pub mode: ZoneMode,
    /// The track that looks after it.
    pub steward: Option<&'a TrackId>,
    /// Where lines may be added besides the end.
    pub regions: &'a [Region],
    /// The pattern as written.
    pub pattern: &'a str,
    /// Its place in `paths`, from 0.
    pub index: usize,
}

impl ZoneMatch<'_> {
    /// Where the pattern stands in `tracks.toml`: `shared.packages.paths[0]`.
    pub fn key(&self) -> String {
        format!("shared.{}.paths[{}]", self.name, self.index)
    }
}

/// A pattern that matches no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadPattern<'a> {
    /// Where it stands in `tracks.toml`: `tracks.a.owns[1]`.
    pub key: String,
    /// The pattern as written.
    pub pattern: &'a str,
}

/// The patterns of `owns` and of the shared zones, compiled.
#[derive(Clone, Debug)]
pub struct Ownership {
    tracks: Vec<Ground>,
    zones: Vec<Zone>,
}

#[derive(Clone, Debug)]
struct Ground {
    track: TrackId,
    standing: Standing,
    /// `None`: ownership is not judged for this track.
    owns: Option<List>,
}

/// Whether a track's entry is on the target already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Committed,
    Uncommitted,
}

#[derive(Clone, Debug)]
struct Zone {
    name: String,
    mode: ZoneMode,
    steward: Option<TrackId>,
    paths: List,
    regions: Vec<Region>,
}

#[derive(Clone, Debug)]
struct List {
    globs: Globs,
    patterns: Vec<String>,
}

impl List {
    fn new(key: &str, patterns: &[String]) -> Result<List, Failure> {
        Ok(List { globs: Globs::new(key, patterns)?, patterns: patterns.to_vec() })
    }

    fn hit(&self, path: &RepoPath, kind: PathKind) -> Option<(usize, &str)> {
        let hit = self.globs.decide(path, kind).filter(|hit| !hit.negated)?;
        Some((hit.index, &self.patterns[hit.index]))
    }
}

impl Ownership {
    /// Compiles every pattern of `config`. `uncommitted` are the tracks whose entry is not on the target yet: what they
    /// own they own only where no committed track does.
    ///
    /// Fails on a pattern or an id that is not valid.
    pub fn new(config: &Config, uncommitted: &BTreeSet<TrackId>) -> Result<Ownership, Failure> {
        let tracks = config.tracks.iter().map(|(id, table)| {
            let track = track_id(&format!("tracks.{id}"), id)?;
            let standing = if uncommitted.contains(&track) { Standing::Uncommitted } else { Standing::Committed };
            let key = format!("tracks.{id}.owns");
            let owns = table.owns.as_ref().map(|patterns| List::new(&key, patterns)).transpose()?;
            Ok(Ground { track, standing, owns })
        });
        let zones = config.shared.iter().map(|(name, zone)| {
            let steward = zone.steward.as_ref().map(|id| track_id(&format!("shared.{name}.steward"), id));
            let paths = List::new(&format!("shared.{name}.paths"), &zone.paths)?;
            let regions = zone.regions.clone();
            Ok(Zone { name: name.clone(), mode: zone.mode, steward: steward.transpose()?, regions, paths })
        });
        Ok(Ownership { tracks: tracks.collect::<Result<_, Failure>>()?, zones: zones.collect::<Result<_, Failure>>()? })
    }

    /// Who owns a file.
    pub fn owner(&self, path: &RepoPath) -> Owner<'_> {
        self.owner_of(path, PathKind::File)
    }

    /// Who owns a path of the given kind.
    pub fn owner_of(&self, path: &RepoPath, kind: PathKind) -> Owner<'_> {
        let zone = self.zone(path, kind);
        let owners = if zone.is_some() { Vec::new() } else { self.owners(path, kind) };
        Owner { zone, owners }
    }

    /// Whether `track` has an `owns` key, so that leaving its ground can be judged.
    pub fn is_judged(&self, track: &TrackId) -> bool {
        self.tracks.iter().any(|ground| ground.track == *track && ground.owns.is_some())
    }

    /// The tracks whose entry is not on the target yet, by id.
    pub fn uncommitted(&self) -> impl Iterator<Item = &TrackId> {
        self.tracks.iter().filter(|ground| ground.standing == Standing::Uncommitted).map(|ground| &ground.track)
    }

    /// Whether the entry of `track` is on the target.
    pub fn is_committed(&self, track: &TrackId) -> bool {
        self.tracks.iter().any(|ground| ground.track == *track && ground.standing == Standing::Committed)
    }

    /// The patterns that match none of `paths`, in the order of `tracks.toml`'s ids: tracks, then zones. One that is
    /// always overruled by a later pattern is not dead.
    pub fn dead_patterns<'p>(&self, paths: impl Iterator<Item = &'p RepoPath>) -> Vec<DeadPattern<'_>> {
        let mut waiting: Vec<(Globs, DeadPattern<'_>)> = self.patterns().collect();
        let mut folder: Option<RepoPath> = None;
        for path in paths {
            if waiting.is_empty() {
                break;
            }
            // Neighbours share their folders, and a folder that matched nothing need not be asked again.
            let parent = path.parent();
            let known = parent == folder;
            waiting.retain(|(globs, _)| match known {
                true => globs.decide_itself(path, PathKind::File).is_none(),
                false => globs.decide(path, PathKind::File).is_none(),
            });
            folder = parent;
        }
        waiting.into_iter().map(|(_, dead)| dead).collect()
    }

    fn zone(&self, path: &RepoPath, kind: PathKind) -> Option<ZoneMatch<'_>> {
        let hits = self.zones.iter().filter_map(|zone| {
            let (index, pattern) = zone.paths.hit(path, kind)?;
            let (steward, regions) = (zone.steward.as_ref(), &*zone.regions);
            Some(ZoneMatch { name: &zone.name, mode: zone.mode, steward, regions, pattern, index })
        });
        hits.min_by_key(|zone| match zone.mode {
            ZoneMode::Steward => 0,
            ZoneMode::AppendOnly => 1,
            ZoneMode::Open => 2,
        })
    }

    fn owners(&self, path: &RepoPath, kind: PathKind) -> Vec<Match<'_>> {
        let hits = |standing| {
            self.tracks.iter().filter(move |ground| ground.standing == standing).filter_map(|ground| {
                let (index, pattern) = ground.owns.as_ref()?.hit(path, kind)?;
                Some(Match { track: &ground.track, pattern, index })
            })
        };
        let committed: Vec<Match<'_>> = hits(Standing::Committed).collect();
        if committed.is_empty() { hits(Standing::Uncommitted).collect() } else { committed }
    }

    fn patterns(&self) -> impl Iterator<Item = (Globs, DeadPattern<'_>)> {
        let owned = self.tracks.iter().filter_map(|g| Some((format!("tracks.{}.owns", g.track), g.owns.as_ref()?)));
        let shared = self.zones.iter().map(|zone| (format!("shared.{}.paths", zone.name), &zone.paths));
        owned.chain(shared).flat_map(|(key, list)| {
            list.patterns.iter().enumerate().map(move |(index, pattern)| {
                let globs = Globs::new(&key, &[pattern]).expect("it compiled as part of its list");
                (globs, DeadPattern { key: format!("{key}[{index}]"), pattern })
            })
        })
    }
}

fn track_id(key: &str, id: &str) -> Result<TrackId, Failure> {
    TrackId::new(id).map_err(|reason| Failure::usage(format!("`{key}`: the track id `{id}` {reason}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Ownership;
    use crate::model::{RepoPath, TrackId};
    use crate::policy::config::Config;

    const POLICY: &str = r#"
        [tracks.a]
        owns = ["api/**", "!api/public/", "docs/"]
        [tracks.b]
        owns = ["api/public/", "packages/**"]
        [tracks.c]
        owns = ["docs/guide/"]
        [tracks.d]
        [tracks.new]
        owns = ["*"]
        [shared.packages]
        paths = ["packages/shared/"]
        steward = "a"
        [shared.open]
        paths = ["packages/"]
        mode = "open"
    "#;

    fn ownership(text: &str) -> Ownership {
        let config: Config = toml::from_str(text).expect("valid");
        let uncommitted = BTreeSet::from([TrackId::new("new").expect("valid")]);
        Ownership::new(&config, &uncommitted).expect("valid")
    }

    #[test]
    fn every_owner_is_named_with_its_pattern() {
        let ownership = ownership(POLICY);
        for (path, expected) in [
            ("api/x.ts", "tracks.a.owns[0] api/**"),
            ("api/public/x.ts", "tracks.b.owns[0] api/public/"),
            ("docs/guide/x.md", "tracks.a.owns[2] docs/, tracks.c.owns[0] docs/guide/"),
            ("packages/x.ts", "shared.open.paths[0] packages/"),
            ("packages/shared/x.ts", "shared.packages.paths[0] packages/shared/"),
            ("README.md", "tracks.new.owns[0] *"),
        ] {
            let path = RepoPath::new(path);
            let owner = ownership.owner(&path);
            let mut found: Vec<String> = owner.zone.iter().map(|z| format!("{} {}", z.key(), z.pattern)).collect();
            found.extend(owner.owners.iter().map(|m| format!("{} {}", m.key(), m.pattern)));
            assert_eq!(found.join(", "), expected, "{path}");
        }
    }

    #[test]
    fn only_a_track_with_owns_is_judged() {
        let ownership = ownership("[tracks.a]\nowns = []\n[tracks.d]\n");
        for (track, judged) in [("a", true), ("d", false), ("nobody", false)] {
            assert_eq!(ownership.is_judged(&TrackId::new(track).expect("valid")), judged, "{track}");
        }
    }

    #[test]
    fn dead_patterns_are_those_that_match_nothing() {
        let paths: Vec<RepoPath> =
            ["api/a", "api/public/x/y", "api/public/z", "docs/guide/x", "packages/y"].map(RepoPath::new).into();
        let ownership = ownership(POLICY);
        let dead: Vec<String> = ownership.dead_patterns(paths.iter()).into_iter().map(|dead| dead.key).collect();
        assert_eq!(dead, ["shared.packages.paths[0]"]);
    }

    #[test]
    fn a_pattern_or_an_id_that_is_not_valid_is_refused() {
        for (text, message) in [
            ("[tracks.A]", "`tracks.A`: the track id `A` must begin with a letter `a`–`z` or a digit"),
            ("[shared.x]\npaths = []\nsteward = \"\"", "`shared.x.steward`: the track id `` is empty"),
        ] {
            let config: Config = toml::from_str(text).expect("valid");
            let failure = Ownership::new(&config, &BTreeSet::new()).expect_err("not valid");
            assert_eq!(failure.message, message);
        }
    }
}

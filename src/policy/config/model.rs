//! The shape of `tracks.toml`. Every key of every table is here, with its default; keys are kebab-case. Written out
//! only to tell the schema the defaults.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Config {
    /// The branch all tracks land on; when not given, `origin/HEAD`'s branch, else the current one.
    pub target: Option<String>,
    /// The phase, for the naming templates; follows the same pattern as a track id.
    pub phase: Option<String>,
    /// How branches and folders are named.
    pub naming: Naming,
    /// The tracks, by id.
    pub tracks: BTreeMap<String, TrackTable>,
    /// Interfaces that one track owns and others build on, by name.
    pub contracts: BTreeMap<String, Contract>,
    /// Paths that several tracks may touch, by name; a shared zone wins over `owns`.
    pub shared: BTreeMap<String, Zone>,
    /// What is checked.
    pub rules: Rules,
    /// Findings that are accepted for a time, each with a reason.
    pub waivers: Vec<Waiver>,
    /// Files that always collide: made again by a command, not merged by hand.
    pub regenerate: Vec<Regenerate>,
    /// What a new worktree needs.
    pub setup: Setup,
    /// Commands that must pass on a tree.
    pub gates: Vec<Gate>,
    /// How the tracks are merged again and again.
    pub sync: Sync,
    /// How tracks land.
    pub landing: Landing,
    /// Which checkpoints are old.
    pub checkpoints: Checkpoints,
    /// Severities that differ from the default, by rule id.
    pub severity: BTreeMap<String, Level>,
    /// Paths for which a rule finds nothing, by rule id.
    pub exclude: BTreeMap<String, Vec<String>>,
}

/// Which checkpoints are old: those that are beyond both. Whenever one is taken these are dropped, unless one is the only
/// place where something is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Checkpoints {
    /// How many of each track are not old.
    pub keep: usize,
    /// How many days it takes to be.
    pub days: u32,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Checkpoints { keep: 20, days: 30 }
    }
}

/// How branches and folders are named. Placeholders: `{track}`, `{phase}`, `{agent}`, in a folder also `{repo}`; without
/// a phase `{phase}` and the dash after it are dropped.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Naming {
    /// The branch of a track.
    pub branch: String,
    /// Its folder, relative to the main worktree; may begin with one `../`.
    pub directory: String,
}

impl Default for Naming {
    fn default() -> Self {
        Naming { branch: "feature/{phase}-track-{track}".into(), directory: "worktrees/{phase}-track-{track}".into() }
    }
}

/// One line of work.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TrackTable {
    /// What it is about, in a few words.
    pub title: Option<String>,
    /// Who works on it: a person or a coding agent.
    pub agent: Option<String>,
    /// The issue it belongs to.
    pub issue: Option<String>,
    /// The branch, where it does not follow the template (an adopted track).
    pub branch: Option<String>,
    /// The folder, where it does not follow the template, relative to the main worktree or absolute.
    pub directory: Option<String>,
    /// The paths it owns, in gitignore syntax; within the list the last match wins. Not given: ownership is not judged.
    pub owns: Option<Vec<String>>,
    /// Tables, views, functions and types that only this track's migrations may create, alter, index or drop, and then
    /// nothing else; with `name:add-columns` they may add columns to another track's table.
    pub tables: Vec<String>,
    /// Tracks that must land first.
    pub depends_on: Vec<String>,
    /// Globs that must match before it counts as ready.
    pub delivers: Vec<String>,
    /// The date it is due, as `YYYY-MM-DD`.
    pub due: Option<String>,
    /// Who wins a tie; 1 is first.
    pub priority: Option<u32>,
    /// After how long without a commit or an edit it counts as stalled, instead of `sync.stalled-after`.
    pub stalled_after: Option<String>,
    /// Severities for what this track must act on, by rule id; they win over `[severity]`.
    pub severity: BTreeMap<String, Level>,
    /// Paths for which a rule finds nothing that this track must act on, by rule id.
    pub exclude: BTreeMap<String, Vec<String>>,
}

/// An interface that one track owns and others build on.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Contract {
    /// The track that owns it.
    pub track: String,
    /// The files that hold it.
    pub paths: Vec<String>,
    /// The tracks that build on it.
    #[serde(default)]
    pub consumers: Vec<String>,
    /// A command that says whether a change is compatible.
    #[serde(default)]
    pub check: Option<String>,
}

/// Paths that several tracks may touch.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Zone {
    /// The paths, in gitignore syntax.
    pub paths: Vec<String>,
    /// The one track that may change them, for mode `steward`.
    #[serde(default)]
    pub steward: Option<String>,
    /// Who may do what there.
    #[serde(default)]
    pub mode: ZoneMode,
    /// For mode `append-only`: where lines may be added besides the end.
    #[serde(default)]
    pub regions: Vec<Region>,
}

/// The lines between two marks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Region {
    /// What the line above holds.
    pub begin: String,
    /// What the line below holds.
    pub end: String,
}

/// Who may do what in a shared zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneMode {
    /// Only the steward may change it.
    #[default]
    Steward,
    /// Everybody may add lines at the end, and in `regions`.
    AppendOnly,
    /// Everybody may change it.
    Open,
}

/// What is checked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Rules {
    /// What a path that no track owns means.
    pub unowned: Policy,
    /// Limits on the size of files and of changes.
    pub file_size: FileSize,
    /// How migrations are named and numbered; not given: they are not checked.
    pub migrations: Option<Migrations>,
    /// Patterns that no added line may hold.
    pub forbidden: Vec<Forbidden>,
}

/// What to make of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// A finding that must be cured.
    Error,
    /// A finding to look at.
    #[default]
    Warn,
    /// No finding.
    Allow,
}

/// A severity, as written in `[severity]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Must be cured before landing.
    Error,
    /// Should be looked at.
    Warn,
    /// Worth knowing.
    Info,
    /// Not reported.
    Off,
}

/// Limits on the size of files and of changes; nothing is limited unless given.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FileSize {
    /// Lines a file may have.
    pub max_lines: Option<u64>,
    /// Bytes a file may have: a number, or text such as `"1MiB"`.
    pub max_bytes: Option<ByteSize>,
    /// Lines one track may add to one file.
    pub max_growth: Option<u64>,
    /// Lines one track may take out of one file.
    pub max_shrink: Option<u64>,
    /// The files that are checked; empty: all.
    pub include: Vec<String>,
    /// The files that are not checked.
    pub exclude: Vec<String>,
    /// The files that programs write: their lines are not counted, their bytes are.
    pub generated: Vec<String>,
}

/// A number of bytes: `1048576`, `"1MiB"`, `"500kB"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ByteSize {
    /// Bytes.
    Number(u64),
    /// A number with a unit: `B`, `kB`, `MB`, `GB` (powers of 1000), `KiB`, `MiB`, `GiB` (powers of 1024).
    Text(String),
}

/// How migrations are named and numbered.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Migrations {
    /// A framework whose naming is known.
    pub preset: Option<String>,
    /// Your own pattern over the base name, with a group `v` for the version key.
    pub pattern: Option<String>,
    /// Where migrations are kept; when not given, where the preset says.
    pub directories: Vec<String>,
    /// What names the track, right after the version: `{track}`, or for example `track{TRACK}`.
    pub token: Option<String>,
    /// Whether every new migration must carry the token.
    pub require_token: bool,
    /// The database whose SQL migrations are written in, for what they do to `tables`; when not given, that of the
    /// preset, else whichever understands most.
    pub dialect: Option<Dialect>,
}

/// The language of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite.
    Sqlite,
    /// Microsoft SQL Server.
    Mssql,
    /// Oracle.
    Oracle,
}

/// A pattern that no added line may hold.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Forbidden {
    /// Its name: the rule is `pattern.<name>`.
    pub name: String,
    /// A regular expression, searched in each added line.
    pub pattern: String,
    /// The files in which it is forbidden; empty: all.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// A finding that is accepted for a time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Waiver {
    /// The rule.
    pub rule: String,
    /// The paths it is waived for.
    pub paths: Vec<String>,
    /// The last day on which it holds, as `YYYY-MM-DD`.
    pub until: String,
    /// Why.
    pub because: String,
}

/// Files that are made again rather than merged.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Regenerate {
    /// The files.
    pub paths: Vec<String>,
    /// The command that makes them.
    pub run: String,
}

/// What a new worktree needs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Setup {
    /// Files and folders of the main worktree that are copied.
    pub copy: Vec<String>,
    /// Files and folders of the main worktree that are linked to.
    pub link: Vec<String>,
    /// Commands that are run there.
    pub run: Vec<String>,
}

/// A command that must pass on a tree.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// On which trees it is run.
    #[serde(default)]
    pub stage: Stage,
    /// The command.
    pub run: String,
    /// Only when one of these changed; empty: always.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Only when one of these tracks is part of it; empty: always.
    #[serde(default)]
    pub tracks: Vec<String>,
    /// Whether work that fails it may not land; otherwise a failure is a warning.
    #[serde(default = "yes")]
    pub required: bool,
    /// Variables that it is given.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Figures that are read from what it prints, by name: a regular expression whose first group is the figure. The
    /// last line that matches counts.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
    /// The least that a figure may be.
    #[serde(default)]
    pub min: BTreeMap<String, f64>,
    /// The most that a figure may be.
    #[serde(default)]
    pub max: BTreeMap<String, f64>,
    /// How long it may take, such as `10m`.
    #[serde(default)]
    pub timeout: Option<String>,
}

fn yes() -> bool {
    true
}

/// On which trees a gate is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Each track alone on the target.
    Track,
    /// All tracks merged.
    #[default]
    Integration,
    /// The exact tree that will land.
    Landing,
    /// The target after each landing.
    Target,
}

impl Stage {
    /// The name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Track => "track",
            Stage::Integration => "integration",
            Stage::Landing => "landing",
            Stage::Target => "target",
        }
    }
}

/// How the tracks are merged again and again.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Sync {
    /// How often, such as `2d`.
    pub every: Option<String>,
    /// After how long without a commit or an edit a track counts as stalled, such as `4h`.
    pub stalled_after: Option<String>,
    /// Commands told once of each new finding.
    pub on_finding: Vec<String>,
    /// In how many worktrees of their own gates are run at the same time, at most; when not given, 4.
    pub pool_max: Option<usize>,
}

/// How tracks land.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Landing {
    /// How a track comes to the target.
    pub style: LandingStyle,
    /// The first line of a landing's message; placeholders `{track}`, `{title}`, `{issue}`. Not given:
    /// `Merge track {track}: {title}`.
    pub message: Option<String>,
}

/// How a track comes to the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LandingStyle {
    /// By a merge commit.
    #[default]
    Merge,
    /// By one commit with all of it.
    Squash,
    /// By moving the target to its tip, which has to be up to date.
    Ff,
}

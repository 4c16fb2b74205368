//! What commands did or would do, and what they say about folders, paths, hooks and pull requests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;

/// One worktree of the repository, and whether it can go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Worktree {
    /// Its folder.
    pub path: String,
    /// The bytes of that path in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// The branch checked out in it; `null` for a detached `HEAD`.
    pub branch: Option<String>,
    /// Whether it can go without losing anything.
    pub verdict: Removal,
    /// Why not, one sentence each; empty where it is safe.
    pub reasons: Vec<String>,
    /// What it takes on disk.
    pub size_bytes: Option<u64>,
    /// How long ago anything happened in it.
    pub age_seconds: Option<u64>,
    /// Ignored files and folders that would go with it.
    pub ignored: Vec<String>,
    /// Whether this run removed it.
    pub removed: bool,
    /// The checkpoint that was taken before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// The command that brings its files back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<String>,
    /// The folder in which its ignored files are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
}

/// Whether a worktree can go without losing anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Removal {
    /// Everything in it is to be found elsewhere.
    Safe,
    /// It holds something that is nowhere else, or it is in use.
    Kept,
}

/// Who owns a path, and which line says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Owner {
    /// The path that was asked about.
    pub path: String,
    /// Its bytes in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// The track that owns it.
    pub track: Option<String>,
    /// The shared zone it lies in.
    pub zone: Option<String>,
    /// The pattern that decided.
    pub pattern: Option<String>,
    /// Where that pattern stands: `tracks.toml:12`.
    pub source: Option<String>,
}

/// One thing that was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// What: a verb such as `create`, `remove`, `declare`, `install`, `keep`.
    pub action: String,
    /// To what: `branch feature/a`, `worktree worktrees/a`.
    pub subject: String,
    /// What else there is to know: where from, why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Whether it was done; `false` for a plan.
    pub done: bool,
}

/// One Git hook and how it stands in some worktrees, the same in all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hook {
    /// Its name, such as `pre-commit`.
    pub name: String,
    /// How it stands: `installed`, `outdated`, `absent`, `foreign` (somebody else's, which does not call tracks) or `dead`
    /// (there is something, and Git would run nothing).
    pub state: String,
    /// The file that Git would run: from the top of each of the worktrees where it lies in them, else from that of the main
    /// one.
    pub path: String,
    /// Who manages that file, where it is not tracks: `pre-commit`, `prek`, `lefthook`, `husky`, `hk`,
    /// or `scripts` for a folder that `core.hooksPath` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The worktrees it is about.
    pub worktrees: Vec<String>,
    /// How often tracks was reached when Git ran it; left out where it was not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fires: Option<usize>,
    /// What else there is to know: a reason, a cure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Something that starts syncs by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    /// What starts them: `systemd`, `launchd`, `cron` or `github`.
    pub kind: String,
    /// Where that stands: a file, or `crontab`.
    pub place: String,
    /// How often, such as `2d`; `null` where it is not ours.
    pub every: Option<String>,
    /// How it stands: `installed`, `edited` (since it was installed), `gone` (the program that it starts is not there),
    /// `foreign` (somebody else's, by the name of ours) or `unread` (it could not be looked at).
    pub state: String,
    /// The program that it starts, where it is named by its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}

/// The text of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PullRequest {
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Labels that would fit.
    pub labels: Vec<String>,
    /// The branch it lands on.
    pub base: String,
    /// The branch that lands.
    pub head: String,
    /// The command that opens it, for a POSIX shell; `null` where the forge is not known.
    pub open: Option<String>,
}

/// What a rule means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// Its id.
    pub rule: String,
    /// How much it matters, unless configured.
    pub severity: Severity,
    /// What it found.
    pub meaning: String,
    /// Why that matters.
    pub why: String,
    /// What to do about it.
    pub cure: String,
}

//! Every rule there is: its id, how much it matters unless configured, what it means, why, and what to do.

use crate::model::Severity;
use crate::model::Severity::{Error, Info, Warning};

/// What is known of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its id; `pattern.<name>` stands for all the patterns that users name.
    pub id: &'static str,
    /// How much it matters, unless `[severity]` says otherwise.
    pub severity: Severity,
    /// What it found: the end of "it means that".
    pub meaning: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do about it.
    pub cure: &'static str,
}

/// Where a user's own patterns are described.
const NAMED_PATTERN: &str = "pattern.<name>";

/// The rule of that id; `None` where there is none. Every `pattern.…` is a rule.
pub fn info(id: &str) -> Option<&'static RuleInfo> {
    let listed = |id: &str| RULES.iter().find(|rule| rule.id == id);
    listed(id)
        .or_else(|| id.strip_prefix("pattern.").filter(|name| !name.is_empty()).and_then(|_| listed(NAMED_PATTERN)))
}

const fn rule(
    id: &'static str,
    severity: Severity,
    meaning: &'static str,
    why: &'static str,
    cure: &'static str,
) -> RuleInfo {
    RuleInfo { id, severity, meaning, why, cure }
}

/// Every rule, ordered by what it is about.
pub const RULES: &[RuleInfo] = &[
    rule(
        "conflict.content",
        Error,
        "two tracks, or a track and the target, changed the same lines",
        "whoever lands second must merge by hand, and may undo the other's work in doing so",
        "see both sides with `tracks show A B`, and agree whose change stands",
    ),
    rule(
        "conflict.add-add",
        Error,
        "both sides added a different file of one name",
        "git cannot tell which of the two is meant",
        "rename one of them, or agree on one content",
    ),
    rule(
        "conflict.modify-delete",
        Error,
        "one side changed a file that the other deleted",
        "the change has no place to go",
        "decide whether the file stays; move the change to where the content went",
    ),
    rule(
        "conflict.rename-rename",
        Error,
        "both sides renamed one file differently, or two files to one name",
        "git keeps both names and asks",
        "agree on one name",
    ),
    rule(
        "conflict.rename-delete",
        Error,
        "one side renamed a file that the other deleted",
        "git cannot tell whether the file is still wanted",
        "decide whether the file stays",
    ),
    rule(
        "conflict.rename-add",
        Error,
        "one side renamed a file to a name that the other added",
        "two contents claim one name",
        "rename one of them",
    ),
    rule(
        "conflict.directory-rename",
        Error,
        "a folder was renamed on one side, and the other side's new file cannot follow without a decision",
        "the file would be left behind in a folder that nobody looks at any more",
        "move the file to the folder's new name, or keep it on purpose",
    ),
    rule(
        "conflict.file-directory",
        Error,
        "one side has a folder where the other has a file",
        "a tree cannot hold both",
        "rename one of them",
    ),
    rule(
        "conflict.mode",
        Error,
        "both sides changed the kind of an entry or its mode differently",
        "git cannot join modes",
        "agree on one mode: `git update-index --chmod=+x -- FILE`",
    ),
    rule(
        "conflict.binary",
        Error,
        "both sides changed a binary file",
        "git cannot join binary files",
        "keep one version, or make the file again from its source",
    ),
    rule(
        "conflict.submodule",
        Error,
        "both sides moved a submodule, and neither commit contains the other",
        "git cannot tell which commit is meant",
        "merge inside the submodule, then record the result",
    ),
    rule(
        "conflict.symlink",
        Error,
        "both sides changed a symbolic link",
        "a link has one target",
        "agree on one target",
    ),
    rule(
        "conflict.unknown",
        Error,
        "whether two sides conflict could not be determined",
        "what could not be checked is never called clean",
        "the message says what is in the way; the same command judges again once it is gone",
    ),
    rule(
        "conflict.regenerable",
        Warning,
        "both sides changed a file that is made by a command",
        "merging a generated file by hand gives one that no command would make",
        "let the command under `regenerate` make it again",
    ),
    rule(
        "ownership.foreign",
        Error,
        "a track changed a path that another track owns",
        "the owner does not expect it: this is where conflicts begin",
        "ask the owner to make the change, or `git restore --source=TARGET -- FILE`",
    ),
    rule(
        "ownership.policy",
        Error,
        "a track changed `tracks.toml`, or its entry there is not committed yet",
        "rules bind from the copy on the target: a track must not loosen its own",
        "make the change on the target",
    ),
    rule(
        "ownership.table",
        Error,
        "a migration touches a database object of another track, or cannot be read",
        "two tracks that shape one table break each other on the same database",
        "ask the owner to make the change, or add the object to `tables`",
    ),
    rule(
        "ownership.unowned",
        Warning,
        "a track changed a path that nobody owns",
        "two tracks may do so at once without anybody knowing",
        "add the path to `owns` of a track, or to a shared zone",
    ),
    rule(
        "ownership.shared",
        Warning,
        "a track changed a shared zone in a way that its mode does not allow",
        "shared files are where most tracks meet",
        "ask the steward, or add lines at the end where that is allowed",
    ),
    rule(
        "ownership.overlap",
        Warning,
        "a path that was changed is owned by two tracks",
        "each believes to be alone there",
        "take the path out of one of the two with a `!` pattern",
    ),
    rule(
        "contract.broken",
        Error,
        "whoever builds on an interface changed it, or its check refuses a change",
        "the tracks that build on it will fail",
        "let its owner make the change, compatible or agreed on with all who build on it",
    ),
    rule(
        "contract.undelivered",
        Warning,
        "an interface that others wait for is not on the target yet",
        "its consumers are blocked",
        "land the track that owns it",
    ),
    rule(
        "contract.changed",
        Warning,
        "an interface that others build on has changed",
        "they should know before they land",
        "tell the consumers, who bring the target into their branches",
    ),
    rule(
        "size.lines",
        Error,
        "a file has more lines than the limit",
        "long files are hard to review and collide more often",
        "split the file",
    ),
    rule(
        "size.bytes",
        Error,
        "a file has more bytes than the limit",
        "large files stay in the history for ever",
        "take it out, or store it elsewhere",
    ),
    rule(
        "size.growth",
        Warning,
        "a track added more lines to one file than the limit",
        "an agent that adds hundreds of lines to one file in one go has often gone wrong",
        "look at the change; split the file where it is right",
    ),
    rule(
        "size.shrink",
        Warning,
        "a track took more lines out of one file than the limit",
        "content may have been lost by mistake",
        "look at the change: `git diff TARGET -- FILE`",
    ),
    rule(
        "pattern.conflict-marker",
        Error,
        "added lines hold the markers of a conflict",
        "a merge was committed before it was resolved",
        "resolve the conflict and take the markers out",
    ),
    rule(
        "pattern.<name>",
        Warning,
        "an added line holds a pattern that `rules.forbidden` names",
        "somebody decided that it must not come back",
        "take it out of the lines that were added",
    ),
    rule(
        "migration.name",
        Error,
        "a migration's name is not one that the framework reads, or lacks its track's token",
        "the framework skips such a file or refuses to run",
        "rename it",
    ),
    rule(
        "migration.duplicate",
        Error,
        "two migrations have one version, or one name where names must differ",
        "git merges both without a conflict, and only the framework stumbles",
        "`tracks migration renumber TRACK`",
    ),
    rule(
        "migration.edited",
        Error,
        "a migration that is on the target was changed or deleted",
        "where it was applied already, the change never happens",
        "restore it, and write a new migration",
    ),
    rule(
        "migration.foreign",
        Error,
        "a migration carries another track's token",
        "the name says that somebody else is answerable for it",
        "rename it to carry its own track's token",
    ),
    rule(
        "migration.pair",
        Error,
        "one half of a migration is missing",
        "it cannot be undone, or not be run at all",
        "add the other half",
    ),
    rule(
        "migration.heads",
        Error,
        "two migrations have nothing after them, or it cannot be told what one of them follows",
        "git merges both without a conflict, and the framework refuses to choose",
        "merge the heads, or let one follow the other",
    ),
    rule(
        "migration.sidecar",
        Warning,
        "a file that the framework writes with each migration was changed by two tracks, or not changed at all",
        "merged by hand it is not what the framework would write; a migration that is not in it may never run",
        "bring the target in, and run the framework's own command again",
    ),
    rule(
        "migration.late",
        Error,
        "a migration's version is older than the newest on the target",
        "the framework refuses it, skips it silently or runs it out of order",
        "`tracks migration renumber TRACK`",
    ),
    rule(
        "gate.failed",
        Error,
        "a command that must pass failed",
        "what it guards is broken",
        "read its log, and cure what it names",
    ),
    rule(
        "gate.combination",
        Error,
        "a command passes for each track alone and fails for them together",
        "the tracks break each other without a conflict",
        "look at the tracks it names together",
    ),
    rule(
        "gate.flaky",
        Warning,
        "a command failed and then passed on the same tree",
        "its verdict cannot be relied on",
        "make it deterministic",
    ),
    rule(
        "worktree.foreign-checkout",
        Error,
        "work is about to be committed where it does not belong: in the worktree of another track than `TRACKS_ID` says, in \
         the folder of one track on the branch of another, or all of it one track's in the main worktree",
        "work would be committed to the wrong track",
        "the command that it comes with takes the work to the right worktree",
    ),
    rule(
        "worktree.nested",
        Warning,
        "a worktree lies inside another one and is not excluded there",
        "`git add -A` outside would commit it, `git clean` would delete it",
        "`tracks init` excludes it",
    ),
    rule(
        "worktree.dirty-target",
        Warning,
        "the worktree of the target holds uncommitted work",
        "an agent may have edited the wrong folder",
        "commit it on the branch of a track",
    ),
    rule(
        "names.collision",
        Error,
        "two paths differ only in case or in the form of their Unicode characters",
        "git merges both without a conflict, and on macOS and Windows only one can be checked out",
        "rename one of them",
    ),
    rule(
        "track.stalled",
        Warning,
        "nothing has happened in a track for longer than `sync.stalled-after`",
        "others may be waiting for it",
        "ask whoever works on it",
    ),
    rule(
        "track.diverged",
        Warning,
        "a track's branch and its upstream both have commits that the other lacks",
        "pushing will be refused, and work may be done twice",
        "`git pull --rebase` in its worktree",
    ),
    rule(
        "track.missing",
        Warning,
        "a declared track has no branch or no worktree",
        "nothing of it is checked",
        "`tracks init` makes it, `tracks remove` takes it out",
    ),
    rule(
        "track.behind",
        Info,
        "the target has commits that a track has not",
        "the longer it waits, the larger the merge",
        "bring the target into it with `git merge` in its worktree",
    ),
    rule(
        "target.behind",
        Warning,
        "the local target is behind its upstream",
        "every verdict is against an old target",
        "`git pull` where the target is checked out",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{RULES, info};
    use crate::model::Severity;

    #[test]
    fn ids_are_unique_and_texts_are_fragments() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for rule in RULES {
            for text in [rule.meaning, rule.why, rule.cure] {
                assert!(!text.ends_with('.') && !text.starts_with(char::is_uppercase), "{}: {text}", rule.id);
            }
        }
    }

    #[test]
    fn every_pattern_is_a_rule() {
        for (id, severity) in [
            ("pattern.conflict-marker", Some(Severity::Error)),
            ("pattern.doubled-const", Some(Severity::Warning)),
            ("pattern.", None),
            ("size.lines", Some(Severity::Error)),
            ("size", None),
        ] {
            assert_eq!(info(id).map(|rule| rule.severity), severity, "{id}");
        }
    }
}

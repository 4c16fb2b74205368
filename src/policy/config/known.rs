//! The names that `tracks.toml` may use and that are fixed in the program: rule ids and migration presets.

/// The frameworks whose migration names are known.
pub const PRESETS: &[&str] = &[
    "sqlx",
    "diesel",
    "sea-orm",
    "refinery",
    "flyway",
    "rails",
    "django",
    "alembic",
    "prisma",
    "drizzle",
    "knex",
    "typeorm",
    "goose",
    "golang-migrate",
    "dbmate",
    "supabase",
    "atlas",
    "laravel",
    "efcore",
    "ecto",
    "kysely",
    "tracks",
];

/// Every rule id but `pattern.<name>`, whose names come from `[[rules.forbidden]]`.
pub const RULES: &[&str] = &[
    "conflict.content",
    "conflict.add-add",
    "conflict.modify-delete",
    "conflict.rename-rename",
    "conflict.rename-delete",
    "conflict.rename-add",
    "conflict.directory-rename",
    "conflict.file-directory",
    "conflict.mode",
    "conflict.binary",
    "conflict.submodule",
    "conflict.symlink",
    "conflict.unknown",
    "conflict.regenerable",
    "ownership.foreign",
    "ownership.policy",
    "ownership.table",
    "ownership.unowned",
    "ownership.shared",
    "ownership.overlap",
    "contract.broken",
    "contract.undelivered",
    "contract.changed",
    "size.lines",
    "size.bytes",
    "size.growth",
    "size.shrink",
    "pattern.conflict-marker",
    "migration.name",
    "migration.duplicate",
    "migration.edited",
    "migration.foreign",
    "migration.pair",
    "migration.heads",
    "migration.late",
    "migration.sidecar",
    "gate.failed",
    "gate.combination",
    "gate.flaky",
    "worktree.foreign-checkout",
    "worktree.nested",
    "worktree.dirty-target",
    "names.collision",
    "track.stalled",
    "track.diverged",
    "track.missing",
    "track.behind",
    "target.behind",
];

/// The known name that somebody most likely meant: at most half of the letters differ, and never more than three.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The distance takes time and memory by the product of the lengths, and both names and what is known may come from
    // a hostile file.
    if name.len() > 100 {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let wanted = plain(name);
    let allowed = (wanted.chars().count() / 2).min(3);
    let distance = |known: &str| strsim::osa_distance(&wanted, &plain(known));
    known
        .into_iter()
        .take(1000)
        .filter(|known| known.len() <= 100)
        .map(|known| (distance(known), known))
        .filter(|(far, _)| *far <= allowed)
        .min_by_key(|(far, _)| *far)
        .map(|(_, known)| known)
}

/// `, did you mean …?` for the end of a message about a name that is not known; empty where nothing is near.
pub(super) fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map(|known| format!(", did you mean `{known}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{PRESETS, RULES, nearest};

    #[test]
    fn the_nearest_spelling_is_offered_and_a_stranger_is_not() {
        let known = ["owns", "tables", "depends-on", "due"];
        let table = [
            ("ower", Some("owns")),
            ("depends_on", Some("depends-on")),
            ("Tables", Some("tables")),
            ("dpeends-on", Some("depends-on")),
            ("colour", None),
            ("", None),
        ];
        for (typed, meant) in table {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
        assert_eq!(nearest(&"x".repeat(1 << 20), known), None);
    }

    #[test]
    fn no_name_is_there_twice() {
        for names in [PRESETS, RULES] {
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        }
    }
}

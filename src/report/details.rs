//! What only a terminal gets to see beside the report: the content of conflicting lines, and the time it is.

use std::collections::BTreeMap;

use super::model::{Conflict, Pair, shown};
use crate::engine::outcome::Outcome;
use crate::model;

/// Beside a report: what JSON does not carry. The default knows nothing, as with a report that was stored.
#[derive(Clone, Debug, Default)]
pub struct Details<'a> {
    /// Seconds since 1970 now, for ages; without it dates are shown.
    pub now: Option<i64>,
    /// The conflicts with their lines, by the names of both sides.
    conflicts: BTreeMap<(&'a str, &'a str), &'a [model::Conflict]>,
}

impl<'a> Details<'a> {
    /// The lines of every conflict in `outcome`.
    pub fn of(outcome: &'a Outcome) -> Self {
        let name = |side: usize| outcome.sides[side].name.as_str();
        let conflicting = outcome.pairs.iter().filter(|pair| !pair.verdict.conflicts().is_empty());
        let conflicts =
            conflicting.map(|pair| ((name(pair.ours), name(pair.theirs)), pair.verdict.conflicts())).collect();
        Details { now: None, conflicts }
    }

    /// The same, with the time it is, in seconds since 1970.
    pub fn at(mut self, now: i64) -> Self {
        self.now = Some(now);
        self
    }

    /// The hunks of one conflict of `pair`; none where they are not known.
    pub fn hunks(&self, pair: &Pair, conflict: &Conflict) -> &'a [model::Hunk] {
        let key = (pair.ours.as_str(), pair.theirs.as_str());
        let path = shown(&conflict.path, conflict.path_bytes.as_deref());
        let known = self.conflicts.get(&key).copied().unwrap_or_default();
        let same = |c: &&model::Conflict| c.path.to_string() == path && c.kind.name() == conflict.kind;
        known.iter().find(same).map_or(&[], |c| &c.hunks)
    }
}

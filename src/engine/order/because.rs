//! Why a track stands where it stands in the order, as a short sentence that is true.

use crate::model::text::{count, list};

/// More names than this are counted.
const NAMES: usize = 3;

/// What there is to say about a track that can land.
#[derive(Clone, Debug, Default)]
pub struct Reasons<'a> {
    /// Whether it has brought nothing yet.
    pub is_empty: bool,
    /// The paths on which it conflicts when it lands, as merging showed.
    pub cost: usize,
    /// With what it conflicts as a pair: the target, or tracks that land before it.
    pub before: Vec<&'a str>,
    /// On how many paths.
    pub before_paths: usize,
    /// With how many tracks it conflicts that land later.
    pub later: usize,
    /// What it needs: tracks that have not landed, or `NAME of TRACK` for a contract.
    pub needs: Vec<&'a str>,
}

/// The sentence.
pub fn because(reasons: &Reasons) -> String {
    let cost = count(reasons.cost, "path");
    let conflicts = match (reasons.cost, reasons.before.is_empty()) {
        _ if reasons.is_empty => "nothing to land yet".to_owned(),
        (0, false) => format!("by then no conflict with {} is left", some(&reasons.before)),
        (0, true) if reasons.later > 0 => "lands before what it conflicts with".to_owned(),
        (0, true) if !reasons.needs.is_empty() => return format!("depends on {}", some(&reasons.needs)),
        (0, true) => "no conflict when it lands".to_owned(),
        (paths, false) if paths == reasons.before_paths => format!("{cost} against {}", some(&reasons.before)),
        (_, false) => format!("{cost}; conflicts with {}", some(&reasons.before)),
        (_, true) => format!("{cost} against what lands before it, taken together"),
    };
    match reasons.needs.as_slice() {
        [] => conflicts,
        needs => format!("{conflicts}; depends on {}", some(needs)),
    }
}

/// The names, or the first ones and how many more there are.
pub fn some(names: &[&str]) -> String {
    if names.len() <= NAMES + 1 {
        return list(names);
    }
    let more = format!("{} more", names.len() - NAMES);
    list(&[&names[..NAMES], &[more.as_str()]].concat())
}

#[cfg(test)]
mod tests {
    use super::{Reasons, because, some};

    #[test]
    fn every_sentence() {
        let paid = Reasons { cost: 2, before: vec!["main", "b"], before_paths: 2, ..Reasons::default() };
        assert_eq!(because(&paid), "2 paths against main and b");
        assert_eq!(because(&Reasons { needs: vec!["c"], ..paid.clone() }), "2 paths against main and b; depends on c");
        assert_eq!(because(&Reasons { cost: 1, ..paid.clone() }), "1 path; conflicts with main and b");
        assert_eq!(
            because(&Reasons { before: Vec::new(), ..paid }),
            "2 paths against what lands before it, taken together"
        );
        let free = Reasons { later: 1, ..Reasons::default() };
        assert_eq!(because(&free), "lands before what it conflicts with");
        assert_eq!(because(&Reasons::default()), "no conflict when it lands");
        assert_eq!(because(&Reasons { needs: vec!["a", "b"], ..Reasons::default() }), "depends on a and b");
        assert_eq!(because(&Reasons { is_empty: true, ..Reasons::default() }), "nothing to land yet");
        let gone = Reasons { before: vec!["b"], before_paths: 1, ..Reasons::default() };
        assert_eq!(because(&gone), "by then no conflict with b is left");
    }

    #[test]
    fn many_names_are_counted() {
        assert_eq!(some(&["a", "b", "c", "d"]), "a, b, c and d");
        assert_eq!(some(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}

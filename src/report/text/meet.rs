//! The two commits that meet in a conflict, on a line or two.

use super::lines::one_line;
use super::style::{FAINT, cut, paint, width_of};
use crate::report::model::{Meeting, Origin};

const LABEL: &str = "meet:";

/// `meet: 1a2b3c4d5e Add login (a) and 9f8e7d6c5b Rework session (b)`, on two lines where one has no room for it.
/// Without names the sides are told by their order.
pub fn lines(meeting: &Meeting, names: Option<[&str; 2]>, width: usize) -> Vec<String> {
    if meeting.ours.is_none() && meeting.theirs.is_none() {
        return vec![paint(FAINT, format!("{LABEL} undetermined"))];
    }
    let name = |at: usize| names.map_or_else(String::new, |names| format!(" ({})", one_line(names[at])));
    let (ours, theirs) = (shown(meeting.ours.as_ref()), shown(meeting.theirs.as_ref()));
    let joined = format!("{LABEL} {ours}{} and {theirs}{}", name(0), name(1));
    if width_of(&joined) <= width {
        return vec![paint(FAINT, joined)];
    }
    // The name stays, as long as there is room for more than that.
    let fitted = |text: &str, name: &str, room: usize| match room.saturating_sub(width_of(name)) {
        left if width_of(text) <= left || left > 20 => cut(text, left) + name,
        _ => cut(&format!("{text}{name}"), room),
    };
    let indent = " ".repeat(width_of(LABEL));
    let rows = [(LABEL, ours, name(0), " and"), (&indent, theirs, name(1), "")];
    let row = |(label, text, name, end): (&str, String, String, &str)| {
        let room = width.saturating_sub(width_of(label) + 1 + width_of(end));
        paint(FAINT, format!("{label} {}{end}", fitted(&text, &name, room)))
    };
    rows.into_iter().map(row).collect()
}

/// `1a2b3c4d5e Add login`, escaped.
fn shown(origin: Option<&Origin>) -> String {
    let Some(Origin { commit, subject }) = origin else { return "undetermined".to_owned() };
    let id = commit.as_ref().map_or_else(String::new, |id| format!("{} ", one_line(id.get(..10).unwrap_or(id))));
    format!("{id}{}", one_line(subject)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::report::model::{Meeting, Origin};
    use anstream::adapter::strip_str;

    fn shown(ours: Option<(&str, &str)>, theirs: Option<(&str, &str)>, width: usize) -> Vec<String> {
        let origin = |(id, subject): (&str, &str)| Origin {
            commit: (!id.is_empty()).then(|| id.repeat(40)),
            subject: subject.into(),
        };
        let meeting = Meeting { ours: ours.map(origin), theirs: theirs.map(origin) };
        let lines = lines(&meeting, Some(["auth", "feature/session"]), width);
        lines.iter().map(|line| strip_str(line).to_string()).collect()
    }

    #[test]
    fn one_line_or_two() {
        let (ours, theirs) = (Some(("1", "Add login")), Some(("2", "Rework the session of a user")));
        assert_eq!(
            shown(ours, theirs, 100),
            ["meet: 1111111111 Add login (auth) and 2222222222 Rework the session of a user (feature/session)"]
        );
        assert_eq!(
            shown(ours, theirs, 60),
            ["meet: 1111111111 Add login (auth) and", "      2222222222 Rework the session of a … (feature/session)"]
        );
        assert_eq!(
            shown(ours, theirs, 37),
            ["meet: 1111111111 Add login (auth) and", "      2222222222 Rework the session …"]
        );
    }

    #[test]
    fn what_is_no_commit_and_what_is_not_known() {
        assert_eq!(
            shown(Some(("1", "odd\u{1b}[31m")), Some(("", "uncommitted work")), 80),
            ["meet: 1111111111 odd\\x1b[31m (auth) and uncommitted work (feature/session)"]
        );
        assert_eq!(shown(None, Some(("2", "")), 80), ["meet: undetermined (auth) and 2222222222 (feature/session)"]);
        assert_eq!(shown(None, None, 80), ["meet: undetermined"]);
    }
}

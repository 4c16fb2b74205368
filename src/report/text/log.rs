//! `tracks log`: one line for each event, and below it what was changed.

use super::lines::{names, one_line};
use super::style::{CARE, FAINT, GOOD, STRONG, cut_middle, paint, width_of};
use crate::report::model::{Event, EventChange};

/// All events, the oldest first.
pub fn render(events: &[Event], width: usize) -> String {
    if events.is_empty() {
        return "nothing was changed\n".to_owned();
    }
    events.iter().map(|event| lines(event, width)).collect()
}

fn lines(event: &Event, width: usize) -> String {
    // What changed nothing has no number: it cannot be undone.
    let number = if event.number == 0 { "-".to_owned() } else { event.number.to_string() };
    let end = match (event.undone, event.undoes.as_slice()) {
        (true, _) => "  undone".to_owned(),
        (false, []) => String::new(),
        (false, numbers) => {
            let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
            format!("  of {}", names(&numbers))
        }
    };
    let head = format!(
        "{}  {}  {}  {}{}\n",
        paint(STRONG, &number),
        paint(FAINT, one_line(&event.time)),
        one_line(&event.actor),
        paint(STRONG, one_line(&event.command)),
        paint(CARE, end)
    );
    let indent = " ".repeat(width_of(&number) + 2);
    let changes = event.changes.iter().map(|change| format!("{indent}{}\n", line(change, width - indent.len())));
    head + &changes.collect::<String>()
}

fn line(change: &EventChange, width: usize) -> String {
    let short =
        |id: &Option<String>| id.as_deref().map(|id| id.chars().take(10).collect::<String>()).unwrap_or_default();
    let (verb, style, rest) = match (change.kind.as_str(), &change.before, &change.after) {
        ("checkpoint", ..) => ("saved", GOOD, String::new()),
        ("restored", before, after) => {
            let (before, after) = (before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default());
            ("restored", CARE, format!("from {}; was {}", one_line(after), one_line(before)))
        }
        ("file", None, _) => ("wrote", GOOD, "new".to_owned()),
        ("file", Some(_), Some(_)) => ("wrote", GOOD, String::new()),
        (_, None, _) => ("created", GOOD, short(&change.after)),
        (_, Some(_), None) => ("removed", CARE, format!("was {}", short(&change.before))),
        (_, Some(_), Some(_)) => ("moved", GOOD, format!("{} to {}", short(&change.before), short(&change.after))),
    };
    let kind = match change.kind.as_str() {
        "file" | "checkpoint" => String::new(),
        "restored" => "track ".to_owned(),
        kind => format!("{} ", one_line(kind)),
    };
    let kept = change.kept.as_deref().map(|kept| format!("; ignored files in {}", one_line(kept))).unwrap_or_default();
    let rest = rest + &kept;
    let used = verb.len() + 1 + kind.len() + 2 + width_of(&rest);
    let subject = cut_middle(&one_line(&change.subject), width.saturating_sub(used).max(20));
    let text = format!("{} {kind}{subject}  {}", paint(style, verb), paint(FAINT, rest));
    text.trim_end().to_owned()
}

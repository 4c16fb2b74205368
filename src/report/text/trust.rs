//! `tracks trust`: the commands of `tracks.toml` as they would run, and what was approved where.

use super::lines::one_line;
use super::style::{CARE, FAINT, GOOD, STRONG, paint};
use crate::model::text::{count, escaped_lines};
use crate::report::model::{Approval, Command, Trust};

/// Every command with its place, and whether it is approved.
pub fn render(trust: &Trust) -> String {
    let origin = one_line(&trust.origin);
    if trust.commands.is_empty() {
        return format!("{origin} names no command\n{}", trust.gone.iter().map(gone).collect::<String>());
    }
    let commands: String = trust.commands.iter().map(|it| command(it, trust.approved)).collect();
    let gone: String = trust.gone.iter().map(gone).collect();
    let number = count(trust.commands.len(), "command");
    let standing = if trust.approved { paint(GOOD, "approved") } else { paint(CARE, "not approved") };
    format!("{commands}{gone}{standing}: {number} of {origin}, hash {}\n", one_line(&trust.hash))
}

fn command(command: &Command, approved: bool) -> String {
    let new = if command.new && !approved { paint(CARE, "new ") } else { String::new() };
    format!("{new}{}\n{}", paint(STRONG, one_line(&command.place)), text(&command.text))
}

fn gone(command: &Command) -> String {
    format!("{}{}\n{}", paint(FAINT, "gone "), one_line(&command.place), text(&command.text))
}

/// Each line behind a bar, so that no text looks like the end of it.
fn text(text: &str) -> String {
    escaped_lines(text.as_bytes()).split('\n').map(|line| format!("  | {line}\n")).collect()
}

/// One line for each repository.
pub fn approvals(approvals: &[Approval]) -> String {
    if approvals.is_empty() {
        return "nothing is approved\n".to_owned();
    }
    let line = |it: &Approval| {
        let gone = if it.present { "" } else { ", which is gone" };
        format!("{}  {}{gone}\n  {}\n", one_line(&it.repository), count(it.commands, "command"), one_line(&it.hash))
    };
    approvals.iter().map(line).collect()
}

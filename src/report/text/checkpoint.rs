//! `tracks checkpoint list`, `show` and `diff`: which checkpoints there are, and what is in one.

use super::lines::one_line;
use super::style::{CARE, FAINT, GOOD, HINT, STRONG, paint};
use super::table::{Align, Cell, Column, Give, table};
use crate::model::text::count;
use crate::report::model::{Checkpoint, CheckpointPath, shown};

const COLUMNS: [Column; 6] = [
    Column { title: "checkpoint", align: Align::Left, give: Give::Never },
    Column { title: "name", align: Align::Left, give: Give::Never },
    Column { title: "uncommitted", align: Align::Right, give: Give::Leave(3) },
    Column { title: "files", align: Align::Right, give: Give::Leave(1) },
    Column { title: "tip", align: Align::Left, give: Give::Leave(2) },
    Column { title: "message", align: Align::Left, give: Give::End },
];

/// All of them as a table.
pub fn list(checkpoints: &[Checkpoint], width: usize) -> String {
    if checkpoints.is_empty() {
        return "no checkpoint\n".to_owned();
    }
    table(&COLUMNS, &checkpoints.iter().map(row).collect::<Vec<_>>(), "", width)
}

fn row(checkpoint: &Checkpoint) -> Vec<Cell> {
    let mut message = checkpoint.message.as_deref().map(one_line).unwrap_or_default();
    if let Some(operation) = &checkpoint.operation {
        message = format!("in a {operation}  {message}");
    }
    vec![
        Cell::styled(one_line(&checkpoint.short), STRONG),
        Cell::new(one_line(&checkpoint.name)),
        Cell::styled(checkpoint.uncommitted.to_string(), if checkpoint.uncommitted > 0 { CARE } else { FAINT }),
        Cell::new(checkpoint.files.to_string()),
        Cell::new(checkpoint.tip.as_deref().map_or(String::new(), short)),
        Cell::new(message),
    ]
}

fn short(id: &str) -> String {
    id.chars().take(10).collect()
}

/// One of them, before its paths.
pub fn head(checkpoint: &Checkpoint) -> String {
    let mut lines = vec![
        paint(STRONG, one_line(&checkpoint.name)),
        format!("  taken     {}", one_line(&checkpoint.time)),
        format!("  branch    {}", one_line(&checkpoint.branch)),
    ];
    lines.extend(checkpoint.tip.as_deref().map(|tip| format!("  tip       {}", short(tip))));
    lines.extend(checkpoint.operation.as_deref().map(|name| format!("  state     in a {}", one_line(name))));
    lines.extend(checkpoint.message.as_deref().map(|message| format!("  message   {}", one_line(message))));
    let files = count(checkpoint.files, "file");
    lines.push(format!("  holds     {files}, {} uncommitted", checkpoint.uncommitted));
    lines.extend(checkpoint.left_out.iter().map(|words| format!("  {} {}", paint(CARE, "left out "), one_line(words))));
    lines.push(format!("  {} {}", paint(FAINT, "back with"), paint(HINT, one_line(&checkpoint.restore))));
    lines.join("\n") + "\n"
}

/// Paths, one a line.
pub fn paths(paths: &[CheckpointPath]) -> String {
    let line = |path: &CheckpointPath| {
        let style = match path.state.as_str() {
            "gone" | "deleted" => CARE,
            "added" => GOOD,
            _ => FAINT,
        };
        format!("{}{}\n", paint(style, format!("{:<9}", path.state)), shown(&path.path, path.path_bytes.as_deref()))
    };
    paths.iter().map(line).collect()
}

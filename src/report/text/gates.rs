//! The commands that must pass, and whether they did.

use super::lines::{names, one_line};
use super::style::{BAD, FAINT, GOOD, STRONG, cut, paint, wrapped};
use super::table::{Align, Cell, Column, Give, table};
use crate::model::text::count;
use crate::report::model::{Gate, GateStatus};

/// More that passed are counted, not listed.
const LISTED: usize = 12;
/// How much of what a gate printed is shown: the end.
const LINES: usize = 8;

/// The gates as a table, and what those say that did not pass; nothing where there are none.
pub fn render(gates: &[Gate], width: usize) -> String {
    let columns = [
        Column { title: "gate", align: Align::Left, give: Give::Never },
        Column { title: "stage", align: Align::Left, give: Give::Leave(2) },
        Column { title: "status", align: Align::Left, give: Give::Never },
        Column { title: "seconds", align: Align::Right, give: Give::Leave(1) },
        Column { title: "tracks", align: Align::Left, give: Give::Shorten },
    ];
    let row = |gate: &&Gate| {
        vec![
            Cell::styled(one_line(&gate.name), STRONG),
            Cell::new(one_line(&gate.stage)),
            Cell::styled(gate.status.name(), style(gate.status)),
            Cell::new(gate.seconds.map_or_else(String::new, |seconds| format!("{seconds:.1}"))),
            Cell::new(names(&gate.tracks)),
        ]
    };
    if gates.is_empty() {
        return String::new();
    }
    let passed = gates.iter().filter(|gate| gate.status == GateStatus::Passed).count();
    let is_listed = |gate: &&Gate| passed <= LISTED || gate.status != GateStatus::Passed;
    let rows: Vec<_> = gates.iter().filter(is_listed).map(|gate| row(&gate)).collect();
    let mut out = format!("{}\n", paint(STRONG, "Gates"));
    if !rows.is_empty() {
        out += &table(&columns, &rows, "  ", width);
    }
    if passed > LISTED {
        out += &format!("  {} passed\n", count(passed, "other"));
    }
    out + &gates.iter().map(|gate| about(gate, width)).collect::<String>()
}

fn style(status: GateStatus) -> anstyle::Style {
    match status {
        GateStatus::Passed => GOOD,
        GateStatus::Skipped => FAINT,
        GateStatus::Failed | GateStatus::Flaky | GateStatus::Untrusted => BAD,
    }
}

/// Figures, and what a gate said that did not pass.
fn about(gate: &Gate, width: usize) -> String {
    let figures = gate.captured.iter().flatten().map(|(name, figure)| {
        let before = gate.captured_before.get(name);
        let before = before.map_or_else(String::new, |before| format!(" (was {})", one_line(before)));
        format!("{} {}{before}", one_line(name), one_line(figure))
    });
    let figures: Vec<String> = figures.collect();
    let mut out = String::new();
    let mut push = |text: String| {
        let lines = wrapped(&text, width - 4);
        out.extend(lines.iter().enumerate().map(|(at, line)| {
            let indent = if at == 0 { "  " } else { "    " };
            format!("{indent}{line}\n")
        }));
    };
    if gate.status == GateStatus::Passed && !figures.is_empty() {
        push(format!("{}: {}", one_line(&gate.name), figures.join(", ")));
    }
    let is_bad = matches!(gate.status, GateStatus::Failed | GateStatus::Flaky);
    if is_bad {
        let on = if gate.tracks.is_empty() { String::new() } else { format!(" ({})", names(&gate.tracks)) };
        push(format!("{}{on}: {}", one_line(&gate.name), one_line(&gate.reason)));
        let lines: Vec<&str> = gate.output.lines().collect();
        for line in &lines[lines.len().saturating_sub(LINES)..] {
            let shown = cut(&one_line(line), width.saturating_sub(6));
            out += &format!("    {}\n", paint(FAINT, format!("| {shown}")));
        }
        if let Some(log) = &gate.log {
            out += &format!("    {}\n", paint(FAINT, format!("all of it: {}", one_line(log))));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::report::model::{Gate, GateStatus};
    use anstream::adapter::strip_str;
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn passed_and_not_run() {
        let gate = |name: &str, status, seconds| Gate {
            name: name.into(),
            stage: "integration".into(),
            tree: None,
            tracks: vec!["a".into(), "b".into()],
            status,
            seconds,
            log: None,
            captured: None,
            captured_before: Default::default(),
            reason: String::new(),
            output: String::new(),
            remembered: false,
        };
        let gates = [gate("types", GateStatus::Passed, Some(12.34)), gate("end-to-end", GateStatus::Untrusted, None)];
        assert_data_eq!(
            strip_str(&render(&gates, 80)).to_string(),
            str![[r#"
Gates
  gate        stage        status     seconds  tracks
  types       integration  passed        12.3  a, b
  end-to-end  integration  untrusted           a, b

"#]]
            .raw()
        );
    }
}

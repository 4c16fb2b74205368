//! The commands that must pass, and whether they did.

use super::lines::{names, one_line};
use super::style::{BAD, FAINT, GOOD, STRONG};
use super::table::{Align, Cell, Column, Give, table};
use crate::report::model::{Gate, GateStatus};

/// The gates as a table; nothing where there are none.
pub fn render(gates: &[Gate], width: usize) -> String {
    let columns = [
        Column { title: "gate", align: Align::Left, give: Give::Never },
        Column { title: "stage", align: Align::Left, give: Give::Leave(2) },
        Column { title: "status", align: Align::Left, give: Give::Never },
        Column { title: "seconds", align: Align::Right, give: Give::Leave(1) },
        Column { title: "tracks", align: Align::Left, give: Give::Shorten },
    ];
    let style = |status| match status {
        GateStatus::Passed => GOOD,
        GateStatus::Skipped => FAINT,
        GateStatus::Failed | GateStatus::Flaky | GateStatus::Untrusted => BAD,
    };
    let row = |gate: &Gate| {
        vec![
            Cell::styled(one_line(&gate.name), STRONG),
            Cell::new(one_line(&gate.stage)),
            Cell::styled(gate.status.name(), style(gate.status)),
            Cell::new(gate.seconds.map_or_else(String::new, |seconds| format!("{seconds:.1}"))),
            Cell::new(names(&gate.tracks)),
        ]
    };
    if gates.is_empty() {
        String::new()
    } else {
        table(&columns, &gates.iter().map(row).collect::<Vec<_>>(), "  ", width)
    }
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
        };
        let gates = [gate("types", GateStatus::Passed, Some(12.34)), gate("end-to-end", GateStatus::Untrusted, None)];
        assert_data_eq!(
            strip_str(&render(&gates, 80)).to_string(),
            str![[r#"
  gate        stage        status     seconds  tracks
  types       integration  passed        12.3  a, b
  end-to-end  integration  untrusted           a, b

"#]]
            .raw()
        );
    }
}

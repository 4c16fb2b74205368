//! `tracks migration list`: the target's newest and what the tracks bring.

use super::lines::one_line;
use super::style::{BAD, CARE, FAINT, STRONG};
use super::table::{Align, Cell, Column, Give, table};
use crate::report::model::{Migration, shown};

const COLUMNS: [Column; 4] = [
    Column { title: "version", align: Align::Left, give: Give::Never },
    Column { title: "track", align: Align::Left, give: Give::Never },
    Column { title: "state", align: Align::Left, give: Give::Never },
    Column { title: "path", align: Align::Left, give: Give::Shorten },
];

/// One line a file.
pub fn render(migrations: &[Migration], width: usize) -> String {
    if migrations.is_empty() {
        return "no migration\n".to_owned();
    }
    table(&COLUMNS, &migrations.iter().map(row).collect::<Vec<_>>(), "", width)
}

fn row(migration: &Migration) -> Vec<Cell> {
    let note = match (migration.rules.is_empty(), migration.uncommitted) {
        (false, _) => Cell::styled(one_line(&migration.rules.join(", ")), BAD),
        (true, true) => Cell::styled("uncommitted", CARE),
        (true, false) => Cell::new(""),
    };
    let track = match &migration.track {
        Some(track) => Cell::styled(one_line(track), STRONG),
        None => Cell::styled("-", FAINT),
    };
    let path = shown(&migration.path, migration.path_bytes.as_deref()).to_string();
    vec![Cell::new(one_line(&migration.version)), track, note, Cell::new(path)]
}

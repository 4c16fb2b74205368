//! `tracks list`: one line a track; the columns that matter least go first where the terminal is narrow.

use jiff::Timestamp;

use super::lines::{age, names, one_line};
use super::style::{BAD, FAINT, STRONG, of_state, paint};
use super::sync::number;
use super::table::{Align, Cell, Column, Give, table};
use crate::report::Details;
use crate::report::model::{Report, Track, shown};

const COLUMNS: [Column; 11] = [
    Column { title: "track", align: Align::Left, give: Give::Never },
    Column { title: "state", align: Align::Left, give: Give::Never },
    Column { title: "ahead", align: Align::Right, give: Give::Leave(6) },
    Column { title: "behind", align: Align::Right, give: Give::Leave(5) },
    Column { title: "uncommitted", align: Align::Right, give: Give::Leave(7) },
    Column { title: "findings", align: Align::Right, give: Give::Leave(8) },
    Column { title: "conflicts with", align: Align::Left, give: Give::Leave(9) },
    Column { title: "last", align: Align::Right, give: Give::Leave(4) },
    Column { title: "agent", align: Align::Left, give: Give::Leave(2) },
    Column { title: "branch", align: Align::Left, give: Give::Leave(3) },
    Column { title: "folder", align: Align::Left, give: Give::Leave(1) },
];

/// The tracks as a table.
pub fn render(report: &Report, details: &Details, width: usize) -> String {
    let tracks = report.tracks.as_deref().unwrap_or_default();
    if tracks.is_empty() {
        return format!("no tracks yet: {}\n", paint(super::style::HINT, "tracks add ID"));
    }
    let rows: Vec<Vec<Cell>> = tracks.iter().map(|track| row(track, details)).collect();
    table(&COLUMNS, &rows, "", width)
}

fn row(track: &Track, details: &Details) -> Vec<Cell> {
    vec![
        Cell::styled(one_line(&track.id), STRONG),
        Cell::styled(track.state.name(), of_state(track.state)),
        number(track.ahead),
        number(track.behind),
        number(track.dirty),
        number(Some(track.findings)),
        Cell::styled(names(&track.conflicts_with), BAD),
        Cell::new(last(track, details.now)),
        Cell::new(track.agent.as_deref().map(one_line).unwrap_or_default()),
        Cell::new(one_line(&track.branch)),
        Cell::styled(shown(&track.worktree, track.worktree_bytes.as_deref()), FAINT),
    ]
}

/// How long ago the last commit was made, or its day where the time is not known.
fn last(track: &Track, now: Option<i64>) -> String {
    let Some(text) = &track.last_activity else { return String::new() };
    match (now, text.parse::<Timestamp>()) {
        (Some(now), Ok(time)) => age(now.saturating_sub(time.as_second()).max(0) as u64),
        _ => one_line(text.get(..10).unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::Report;
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    fn at(width: usize) -> String {
        let report = Report { command: "list".into(), ..sample::report() };
        plain(&report, &Details::default().at(sample::NOW_SECONDS), width)
    }

    #[test]
    fn no_tracks() {
        let report = Report { tracks: Some(Vec::new()), ..Report::new("list") };
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
no tracks yet: tracks add ID

"#]]
            .raw()
        );
    }

    #[test]
    fn columns_go_as_it_gets_narrow() {
        assert_data_eq!(at(200), str![[r#"
track  state       ahead  behind  uncommitted  findings  conflicts with  last  agent  branch                   folder
a      conflicted      3                    2         5  b                3 h  alpha  feature/phase-1-track-a  /home/kim/shop/worktrees/phase-1-track-a
b      conflicted      3      14                      5  a                3 h         feature/phase-1-track-b  /home/kim/shop/worktrees/phase-1-track-b
c      blocked         ?       ?            ?         1                   2 d         feature/phase-1-track-c  /home/kim/shop/worktrees/phase-1-track-c

"#]].raw());
        assert_data_eq!(
            at(80),
            str![[r#"
track  state       ahead  behind  uncommitted  findings  conflicts with  last
a      conflicted      3                    2         5  b                3 h
b      conflicted      3      14                      5  a                3 h
c      blocked         ?       ?            ?         1                   2 d

"#]]
            .raw()
        );
        assert_data_eq!(
            at(60),
            str![[r#"
track  state       uncommitted  findings  conflicts with
a      conflicted            2         5  b
b      conflicted                      5  a
c      blocked               ?         1

"#]]
            .raw()
        );
    }
}

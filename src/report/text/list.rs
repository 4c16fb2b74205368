//! `tracks list`: one line a track; where the terminal is narrow, branch and folder stand on a line of their own.

use jiff::Timestamp;

use super::lines::{age, names, one_line};
use super::style::{BAD, FAINT, STRONG, of_state, paint, width_of};
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
    Column { title: "branch", align: Align::Left, give: Give::Never },
    Column { title: "folder", align: Align::Left, give: Give::Never },
];

/// The tracks as a table.
pub fn render(report: &Report, details: &Details, width: usize) -> String {
    let tracks = report.tracks.as_deref().unwrap_or_default();
    if tracks.is_empty() {
        return format!("no tracks yet: {}\n", paint(super::style::HINT, "tracks add ID"));
    }
    let rows: Vec<Vec<Cell>> = tracks.iter().map(|track| row(track, details)).collect();
    let whole = table(&COLUMNS, &rows, "", usize::MAX);
    match whole.lines().map(|line| width_of(&anstream::adapter::strip_str(line).to_string())).max() {
        Some(widest) if widest > width => in_two_lines(tracks, rows, width),
        _ => whole,
    }
}

/// Below the figures of each track its branch and its folder, which are never cut: they are there to be copied.
fn in_two_lines(tracks: &[Track], rows: Vec<Vec<Cell>>, width: usize) -> String {
    let figures = COLUMNS.len() - 2;
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(|row| row[..figures].to_vec()).collect();
    let table = table(&COLUMNS[..figures], &rows, "", width);
    let (heading, lines) = table.split_once('\n').unwrap_or((&table, ""));
    let mut out = format!("{heading}\n");
    for (track, line) in tracks.iter().zip(lines.lines()) {
        let folder = shown(&track.worktree, track.worktree_bytes.as_deref());
        let branch = one_line(&track.branch);
        let fits = 4 + width_of(&branch) + width_of(&folder) <= width;
        let place = if fits { format!("  {branch}  {folder}") } else { format!("  {branch}\n  {folder}") };
        out.push_str(&format!("{line}\n{}\n", paint(FAINT, place)));
    }
    out
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
  feature/phase-1-track-a  /home/kim/shop/worktrees/phase-1-track-a
b      conflicted      3      14                      5  a                3 h
  feature/phase-1-track-b  /home/kim/shop/worktrees/phase-1-track-b
c      blocked         ?       ?            ?         1                   2 d
  feature/phase-1-track-c  /home/kim/shop/worktrees/phase-1-track-c

"#]]
            .raw()
        );
        assert_data_eq!(
            at(60),
            str![[r#"
track  state       uncommitted  findings  conflicts with
a      conflicted            2         5  b
  feature/phase-1-track-a
  /home/kim/shop/worktrees/phase-1-track-a
b      conflicted                      5  a
  feature/phase-1-track-b
  /home/kim/shop/worktrees/phase-1-track-b
c      blocked               ?         1
  feature/phase-1-track-c
  /home/kim/shop/worktrees/phase-1-track-c

"#]]
            .raw()
        );
    }
}

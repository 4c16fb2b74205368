//! `tracks schedule status`: what starts syncs by itself, and how it stands.

use super::lines::one_line;
use super::style::{CARE, FAINT, GOOD, STRONG, paint};
use super::table::{Align, Cell, Column, Give, list};
use crate::report::model::Schedule;

/// One line each, and below it what is wrong with it.
pub fn render(schedules: &[Schedule], width: usize) -> String {
    if schedules.is_empty() {
        return "nothing is scheduled\n".to_owned();
    }
    let columns = [Give::Never, Give::Never, Give::Never, Give::Shorten];
    let columns = columns.map(|give| Column { title: "", align: Align::Left, give });
    let row = |it: &Schedule| {
        vec![
            Cell::styled(one_line(&it.kind), STRONG),
            Cell::styled(one_line(&it.state), if it.state == "installed" { GOOD } else { CARE }),
            Cell::new(it.every.as_deref().map(|every| format!("every {}", one_line(every))).unwrap_or_default()),
            Cell::styled(one_line(&it.place), FAINT),
        ]
    };
    let lines = list(&columns, &schedules.iter().map(row).collect::<Vec<_>>(), "", width);
    lines.split_inclusive('\n').zip(schedules).map(|(line, it)| format!("{line}{}", told(it))).collect()
}

fn told(schedule: &Schedule) -> String {
    let program = one_line(schedule.program.as_deref().unwrap_or_default());
    let told = match schedule.state.as_str() {
        "gone" => format!("`{program}` is gone: `tracks schedule install` names the one that you type"),
        "edited" => "was edited since it was installed: neither replaced nor removed".to_owned(),
        "unread" => "cannot be read, so what is in it is not known".to_owned(),
        "foreign" => "is somebody else's".to_owned(),
        _ => return String::new(),
    };
    format!("  {}\n", paint(FAINT, told))
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::Report;
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn what_there_is_and_how_it_stands() {
        let report = Report { schedules: sample::acts().schedules, ..Report::new("schedule") };
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
systemd  gone       every 2d  /home/kim/.confi…d/user/tracks-shop-0123abcd.timer
  `/opt/tracks` is gone: `tracks schedule install` names the one that you type
cron     installed  every 1w  crontab
github   foreign              .github/workflows/tracks.yml
  is somebody else's

"#]]
            .raw()
        );
        let none = Report { schedules: Some(Vec::new()), ..Report::new("schedule") };
        assert_data_eq!(
            plain(&none, &Details::default(), 80),
            str![[r#"
nothing is scheduled

"#]]
            .raw()
        );
    }
}

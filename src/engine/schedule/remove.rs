//! A schedule taken away: what was written and is as it was written, to the byte.

use std::path::PathBuf;

use anyhow::Result;

use super::machine::{self, Order};
use super::place::{Edit, Place, There};
use crate::engine::journal::Change;
use crate::engine::worktrees::{Step, typed};
use crate::git::{Objects, Repo};
use crate::host::{files, folders};
use crate::policy::schedule::{Kind, Whose};

/// The folder in which systemd has a link to each timer that is enabled.
pub(super) const WANTED: &str = "timers.target.wants";

/// What will be taken away, and what stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    edits: Vec<Edit>,
    stays: Vec<Step>,
    /// The timer that systemd is told about, where it answers.
    timer: Option<String>,
    /// The link of an enabled timer, where nobody takes it away for us.
    link: Option<PathBuf>,
    next: Option<String>,
}

impl Removal {
    /// All schedules of these kinds.
    pub fn of(repo: &Repo, kinds: &[Kind]) -> Result<Removal> {
        let whose = super::whose(repo)?;
        let mut removal = Removal::default();
        for kind in kinds {
            // Where nobody says where files are, none were written.
            let Ok(places) = Place::all(repo, &whose, *kind) else { continue };
            if let (Kind::Cron, Err(error)) = (kind, machine::crontab()) {
                removal.stay(&Place::Crontab, &format!("{error:#}"));
                continue;
            }
            let there: Vec<There> = places.iter().map(|place| place.look(&whose, *kind)).collect::<Result<_>>()?;
            let is_edited = |there: &There| matches!(there, There::Ours(mark, _) if !mark.is_intact);
            let edited = there.iter().any(is_edited);
            for (place, there) in places.iter().zip(&there) {
                match there {
                    There::Nothing => {}
                    There::Ours(mark, _) if !mark.is_intact => removal.stay(place, "was edited since it was installed"),
                    There::Ours(..) if edited => removal.stay(place, "what was edited needs it"),
                    There::Ours(..) => removal.take(&whose, *kind, place)?,
                    There::Other => removal.stay(place, "is somebody else's"),
                }
            }
        }
        Ok(removal)
    }

    fn take(&mut self, whose: &Whose, kind: Kind, place: &Place) -> Result<()> {
        self.edits.push(place.edit(whose, None)?);
        match (kind, place) {
            (Kind::Systemd, Place::File(path, _)) if path.ends_with(whose.timer()) => {
                let link = path.parent().map(|folder| folder.join(WANTED).join(whose.timer()));
                match machine::has_manager()? {
                    true => self.timer = Some(whose.timer()),
                    false => self.link = link.filter(|link| files::is_link(link)),
                }
            }
            (Kind::Launchd, _) => self.next = Some(format!("launchctl bootout gui/$(id -u)/{}", whose.name)),
            _ => {}
        }
        Ok(())
    }

    fn stay(&mut self, place: &Place, why: &str) {
        self.stays.push(Step::new("leave", place.shown()).detail(why));
    }

    /// The files that change.
    pub fn changes(&self, objects: &Objects) -> Result<Vec<Change>> {
        self.edits.iter().filter_map(|edit| edit.change(objects).transpose()).collect()
    }

    /// What will be done.
    pub fn steps(&self) -> Vec<Step> {
        let run = |order: Order| self.timer.as_ref().map(|timer| Step::new("run", order.line(timer)));
        let mut steps: Vec<Step> = run(Order::Disable).into_iter().collect();
        steps.extend(self.link.iter().map(|link| Step::new("remove", typed(link))));
        steps.extend(self.edits.iter().map(|edit| match edit.place {
            Place::File(..) => Step::new("remove", edit.place.shown()),
            Place::Crontab => Step::new("remove", "lines of tracks").detail("from your crontab"),
        }));
        steps.extend(run(Order::Reload));
        steps.extend(self.stays.iter().cloned());
        steps
    }

    /// What somebody has to type, so that nothing of it is left.
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// Has it run no more, before its texts go.
    pub fn stop(&self) -> Result<()> {
        self.timer.as_deref().map_or(Ok(()), |timer| Order::Disable.carry_out(timer))
    }

    /// Takes it away.
    pub fn carry_out(&self) -> Result<()> {
        if let Some(link) = &self.link {
            files::remove(link)?;
            if let Some(folder) = link.parent() {
                folders::remove_empty(folder, folder.parent().unwrap_or(folder));
            }
        }
        self.edits.iter().try_for_each(Edit::carry_out)
    }

    /// Has systemd know that they are gone.
    pub fn forget(&self) -> Result<()> {
        self.timer.as_deref().map_or(Ok(()), |timer| Order::Reload.carry_out(timer))
    }
}

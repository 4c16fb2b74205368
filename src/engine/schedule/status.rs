//! Which schedules there are, and whether the program in them is still where it was.

use std::path::Path;

use anyhow::Result;

use super::place::{Place, There};
use crate::git::Repo;
use crate::host::files;
use crate::policy::schedule::Kind;

/// A text of a schedule that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What starts it.
    pub kind: Kind,
    /// Where it is: a file, or `crontab`.
    pub place: String,
    /// How often; `None` where it is not ours.
    pub every: Option<String>,
    /// How it stands.
    pub state: State,
    /// The program that it starts, where it is named by its path.
    pub program: Option<String>,
}

/// How such a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it was written, and its program is there.
    Installed,
    /// Somebody changed it.
    Edited,
    /// The program that it starts is gone.
    Gone,
    /// It has the name of ours, and is somebody else's.
    Foreign,
    /// It cannot be read.
    Unread,
}

impl State {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            State::Installed => "installed",
            State::Edited => "edited",
            State::Gone => "gone",
            State::Foreign => "foreign",
            State::Unread => "unread",
        }
    }
}

/// Every one of this repository.
pub fn status(repo: &Repo) -> Result<Vec<Standing>> {
    let whose = super::whose(repo)?;
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let Ok(places) = Place::all(repo, &whose, kind) else { continue };
        for place in places {
            let (mark, state) = match place.look(&whose, kind) {
                Err(_) => (None, State::Unread),
                Ok(There::Nothing) => continue,
                Ok(There::Other) => (None, State::Foreign),
                Ok(There::Ours(mark, _)) => {
                    let is_gone = mark.program.as_ref().is_some_and(|program| !files::is_program(Path::new(program)));
                    let state = match (is_gone, mark.is_intact) {
                        (true, _) => State::Gone,
                        (_, false) => State::Edited,
                        _ => State::Installed,
                    };
                    (Some(mark), state)
                }
            };
            let (every, program) = mark.map_or((None, None), |mark| (Some(mark.every), mark.program));
            found.push(Standing { kind, place: place.name(), every, state, program });
        }
    }
    Ok(found)
}

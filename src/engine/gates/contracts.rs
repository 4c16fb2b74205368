//! What the `check` of each contract says about the change that its owner makes: run like a gate, on the target, with what
//! the contract was and what it becomes laid out beside it.

use anyhow::Result;
use bstr::ByteSlice;

use super::trial::{Bench, Spot, Standing};
use crate::engine::outcome::Target;
use crate::git::{blobs, tree};
use crate::host::process::variable;
use crate::model::text::escaped;
use crate::model::{Entry, Interrupted, RepoPath, TreeId};
use crate::policy::contracts::{Check, Checks, Interface};
use crate::policy::gates::Gate;
use crate::policy::rules::Work;

/// The files of a contract, by path.
type Files = Vec<(RepoPath, Entry)>;

/// What the checks say: of each contract that its owner has changed, as far as that is committed.
pub fn checks(bench: &Bench, target: &Target, works: &[Work]) -> Result<Checks> {
    let mut checks = Checks::new();
    for contract in Interface::all(&bench.project.config)? {
        let Some(command) = &contract.check else { continue };
        let touches = |work: &&Work| {
            work.track == contract.owner
                && work.changes.iter().any(|it| it.on_target.is_some() && contract.contains(&it.change.path))
        };
        for work in works.iter().filter(touches) {
            let said = Asking { bench, target, contract: &contract, command }.ask(work);
            let check = match said {
                Err(error) if error.is::<Interrupted>() => return Err(error),
                Err(error) => Check::Unknown(format!("could not be run: {error:#}")),
                Ok(check) => check,
            };
            checks.insert((contract.name.clone(), work.track.clone()), check);
        }
    }
    Ok(checks)
}

struct Asking<'a> {
    bench: &'a Bench<'a>,
    target: &'a Target,
    contract: &'a Interface,
    command: &'a str,
}

impl Asking<'_> {
    fn ask(&self, work: &Work) -> Result<Check> {
        let objects = self.bench.scratch.objects();
        let Some(tip) = self.bench.project.track(work.track.as_str())?.tip else {
            return Ok(Check::Unknown("was not run: the track has no branch".into()));
        };
        let on_target = objects.commit(self.target.commit)?.tree;
        let (before, after) = (self.files(on_target)?, self.files(objects.commit(tip)?.tree)?);
        if before == after {
            return Ok(Check::Unknown("was not run: the change is not committed".into()));
        }
        let folder = self.bench.scratch.folder()?;
        let name = escaped(self.contract.name.as_bytes());
        let mut given =
            vec![variable("TRACKS_CONTRACT", &self.contract.name), variable("TRACKS_ID", work.track.as_str())];
        for (side, files, key) in [("base", &before, "TRACKS_BASE"), ("head", &after, "TRACKS_HEAD")] {
            let place = folder.path().join(side);
            blobs::lay_out(objects, files, &place)?;
            // A contract that is one file is given as that.
            let only = files.first().filter(|_| self.contract.is_one_file() && files.len() == 1);
            let path = only.and_then(|(path, _)| Some(place.join(path.as_bstr().to_path().ok()?)));
            given.push(variable(key, path.unwrap_or(place)));
        }
        let gate = Gate::of_check(&self.contract.name, self.command, &format!("{after:?}"));
        let name = format!("{} for the contract {name} of {}", escaped(self.target.name.as_bytes()), work.track);
        let spot = Spot { commit: self.target.commit, tree: on_target, name, given };
        let trial = self.bench.try_once(&gate, &spot)?;
        let trial = self.bench.confirm(&gate, &spot, trial)?;
        let log = self.bench.log(&trial);
        Ok(match trial.standing {
            Standing::Passes => Check::Compatible,
            Standing::Fails => Check::Broken(trial.ended, log),
            Standing::Flaky => Check::Unknown("passes and fails on the same files".into()),
        })
    }

    fn files(&self, tree: TreeId) -> Result<Files> {
        let objects = self.bench.scratch.objects();
        let files = self.contract.files(&|below| tree::entries(objects, tree, below).ok());
        files.ok_or_else(|| anyhow::anyhow!("the contract's files cannot be read"))
    }
}

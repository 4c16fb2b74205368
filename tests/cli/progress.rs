//! How far a run is: every stage is told from its beginning to its end.

use std::sync::Mutex;

use tracks::engine::progress::{Progress, Stage, Step};
use tracks::engine::project::Project;
use tracks::engine::snapshot::Work;
use tracks::engine::sync::{self, Depth, Gating, Scope};
use tracks::git::{Repo, Scratch, repo::Start};

use crate::support::{Ground, write};

#[test]
fn every_stage_is_told_to_its_end() {
    let ground = Ground::with_tracks();
    for id in ["a", "b"] {
        write(&ground.track(id).join("list.txt"), id);
        ground.git_in(&ground.track(id), "add .");
        ground.git_in(&ground.track(id), "commit -q -m list");
    }
    let repo = Repo::discover(&Start::At(ground.shop())).expect("a repository");
    let project = Project::open(&repo).expect("tracks are declared");
    let scratch = Scratch::new(&repo).expect("a scratch can be made");
    let told: Mutex<Vec<Step>> = Mutex::default();
    let watcher = |step: Step| told.lock().expect("no thread panics").push(step);
    let scope = Scope { work: Work::All, integrated: Work::Committed, depth: Depth::Integration };
    sync::run(&project, &scratch, (scope, &Gating::Off), Progress::told(&watcher)).expect("it runs");
    let told = told.into_inner().expect("no thread panics");
    for stage in [Stage::Snapshots, Stage::Pairs, Stage::Whole, Stage::Integration, Stage::Rules] {
        let steps: Vec<&Step> = told.iter().filter(|step| step.stage == stage).collect();
        assert_eq!(steps.first().map(|step| step.done), Some(0), "{stage:?}");
        assert!(steps.iter().any(|step| step.done == step.total), "{stage:?}: {steps:?}");
    }
}

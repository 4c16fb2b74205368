//! The scenarios of `fixtures/merges/`: what has to come out comes out, and Git says the same.

use std::path::{Path, PathBuf};

use tracks::model::{LineRange, PairVerdict};

use crate::merges::judge::judge;
use crate::merges::story::{Story, side_by_side};
use crate::merges::text::{Judgement, Scenario, read, word, write};

/// Every scenario, by the name of its file.
fn scenarios() -> Vec<(String, Scenario)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/merges");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|file| file.expect("it can be read").path())
        .collect();
    files.sort();
    files.iter().map(|file| (name(file), scenario(file))).collect()
}

fn name(file: &Path) -> String {
    file.file_stem().expect("a file has a name").to_string_lossy().into_owned()
}

fn scenario(file: &Path) -> Scenario {
    let text = std::fs::read_to_string(file).expect("a fixture is text");
    read(&text).unwrap_or_else(|error| panic!("{}: {error}", name(file)))
}

/// Whether the sides were asked about the other way round.
#[derive(Clone, Copy, PartialEq)]
enum Turned {
    Yes,
    No,
}

/// A verdict as a fixture says it; `start` is where its story begins in the repository.
fn said(verdict: &PairVerdict, start: usize, turned: Turned) -> Judgement {
    let lines = |LineRange { first, last }| format!("{first}-{last}");
    let in_order = |pair: [String; 2]| if turned == Turned::Yes { [pair[1].clone(), pair[0].clone()] } else { pair };
    let mut conflicts = Vec::new();
    for conflict in verdict.verdict.conflicts() {
        let mut line = format!("{} {}", word(conflict.path.as_bstr()), conflict.kind.name());
        for hunk in &conflict.hunks {
            line.push_str(&format!(" {}", in_order([lines(hunk.ours_lines), lines(hunk.theirs_lines)]).join(":")));
        }
        conflicts.push(line);
    }
    let (mut ours, mut theirs) = (verdict.ours - start, verdict.theirs - start);
    if turned == Turned::Yes {
        std::mem::swap(&mut ours, &mut theirs);
    }
    Judgement { ours, theirs, verdict: verdict.verdict.name().into(), conflicts }
}

/// The scenarios whose repositories are set up alike, together: one repository serves them all.
fn alike(scenarios: Vec<(String, Scenario)>) -> Vec<Vec<(String, Scenario)>> {
    let mut groups: Vec<Vec<(String, Scenario)>> = Vec::new();
    for (name, scenario) in scenarios {
        match groups.iter_mut().find(|group| group[0].1.story.is_set_up_like(&scenario.story)) {
            Some(group) => group.push((name, scenario)),
            None => groups.push(vec![(name, scenario)]),
        }
    }
    groups
}

#[test]
fn every_scenario_comes_out_as_it_says_and_as_git_says() {
    for group in alike(scenarios()) {
        let stories: Vec<&Story> = group.iter().map(|(_, scenario)| &scenario.story).collect();
        let (story, starts) = side_by_side(&stories);
        let asked_of = |((_, scenario), start): (&(String, Scenario), &usize)| -> Vec<(usize, usize)> {
            scenario.judgements.iter().map(|j| (j.ours + start, j.theirs + start)).collect()
        };
        let asked: Vec<(usize, usize)> = group.iter().zip(&starts).flat_map(asked_of).collect();
        let turned: Vec<(usize, usize)> = asked.iter().map(|(ours, theirs)| (*theirs, *ours)).collect();
        let judged = judge(&story, &[&asked[..], &turned].concat());
        let names: Vec<&str> = group.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(judged.differences, [], "the engine, then git: {names:?}");
        let (forth, back) = judged.verdicts.split_at(asked.len());
        let mut both = forth.iter().zip(back);
        for ((name, scenario), start) in group.iter().zip(starts) {
            let both: Vec<_> = both.by_ref().take(scenario.judgements.len()).collect();
            let found: Vec<Judgement> = both.iter().map(|(forth, _)| said(forth, start, Turned::No)).collect();
            if !overwritten(name, scenario, &found) {
                assert_eq!(found, scenario.judgements, "{name}");
            }
            // Where only one direction is told, the other one is its mirror image.
            for (forth, back) in both.iter().filter(|(_, back)| !asked.contains(&(back.ours, back.theirs))) {
                assert_eq!(said(back, start, Turned::Yes), said(forth, start, Turned::No), "{name}, turned round");
            }
        }
    }
}

#[test]
fn every_step_of_every_scenario_does_something() {
    for (name, Scenario { story, .. }) in scenarios() {
        assert_eq!(story.idle_step(), None, "{name}");
    }
}

#[test]
fn a_scenario_reads_back_as_it_was_written() {
    for (name, scenario) in scenarios() {
        assert_eq!(read(&write(&scenario, "remark")), Ok(scenario), "{name}");
    }
}

/// With `SNAPSHOTS=overwrite`, as for the other tests, writes what was found into the fixture: to be read before it is
/// kept.
fn overwritten(name: &str, scenario: &Scenario, found: &[Judgement]) -> bool {
    if found == scenario.judgements || std::env::var_os("SNAPSHOTS").is_none_or(|value| value != "overwrite") {
        return false;
    }
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/merges/{name}.txt"));
    let old = std::fs::read_to_string(&file).expect("it was read before");
    let story = &old[..old.find("\njudge ").expect("a scenario judges")];
    let bare = Scenario { judgements: found.to_vec(), story: scenario.story.clone() };
    let written = write(&bare, "");
    let judgements = &written[written.find("\njudge ").expect("it was written")..];
    std::fs::write(file, format!("{}\n{judgements}", story.trim_end())).expect("the file can be written");
    true
}

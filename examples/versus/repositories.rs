//! The repositories of the rows, made from fixed seeds.

use std::collections::BTreeMap;
use std::path::Path;

use super::random::Random;
use super::stream::{Lines, Repository, Stream};

/// The content of the files that were ever changed; of the others nothing became.
type Files = BTreeMap<String, Vec<u32>>;

/// How large a monorepo is, and how its files lie.
#[derive(Clone, Copy)]
pub struct Monorepo {
    /// How many files there are.
    pub files: usize,
    /// Over how many packages each `block` of files is spread.
    pub packages: usize,
    /// How many files make a block; each has packages of its own.
    pub block: usize,
    /// How many of the files, from the first, are ever changed.
    pub changed: usize,
    /// How many tracks.
    pub tracks: usize,
}

/// The one of row 1.
pub const ROW_1: Monorepo = Monorepo { files: 40_000, packages: 97, block: 40_000, changed: 40_000, tracks: 80 };

/// How many lines its files have.
pub const LINES: usize = 24;

impl Monorepo {
    /// The paths of all files.
    pub fn paths(&self) -> Vec<String> {
        let path = |n: usize| {
            let (block, at) = (n / self.block, n % self.block);
            let package = block * self.packages + at % self.packages;
            format!("packages/p{package:02}/src/m{}/f{n}.rs", at / self.packages % 13)
        };
        (0..self.files).map(path).collect()
    }

    /// Tracks of few commits, each from one of the target's last six.
    pub fn make(&self, folder: &Path) -> Repository {
        let mut random = Random::new(1);
        let paths = self.paths();
        let (blank, changed) = (vec![0; LINES], &paths[..self.changed]);
        let mut stream = Stream::into(folder);
        let all = paths.iter().map(|path| (path.as_str(), Some(blank.as_slice())));
        let mut now = Files::new();
        let mut target: Vec<(usize, Files)> = vec![(stream.commit("main", &[], all), Files::new())];
        for step in 1..6 {
            let edited = edit(&mut random, changed, &mut now, &Edit { lines: LINES, count: 20, version: step });
            let mark = stream.commit("main", &[target[target.len() - 1].0], changes(&now, &edited));
            target.push((mark, now.clone()));
        }
        for track in 0..self.tracks {
            let (mut tip, mut mine) = target[random.below(6)].clone();
            let commits = random.between(1, 3);
            // A commit has that many edits; a few may meet in one file.
            let kind = Edit { lines: LINES, count: random.between(3, 24), version: 1000 + track as u32 };
            for _ in 0..commits {
                let edited = edit(&mut random, changed, &mut mine, &kind);
                tip = stream.commit(&format!("t/{track:03}"), &[tip], changes(&mine, &edited));
            }
        }
        stream.end(folder)
    }
}

/// Row 2: long branches forked over a long history, a quarter of them editing the same ten files.
pub fn long_lived(folder: &Path, branches: usize) -> Repository {
    const LINES: usize = 120;
    let mut random = Random::new(2);
    let paths: Vec<String> = (0..4500).map(|n| format!("src/d{}/e{}/f{n}.c", n % 30, n % 7)).collect();
    let (blank, mut now) = (vec![0; LINES], Files::new());
    let mut stream = Stream::into(folder);
    let mut last = stream.commit("main", &[], paths.iter().map(|path| (path.as_str(), Some(blank.as_slice()))));
    let mut forks: Vec<(usize, Files)> = Vec::new();
    for step in 1..=3000 {
        let edited = edit(&mut random, &paths, &mut now, &Edit { lines: LINES, count: 2, version: step });
        last = stream.commit("main", &[last], changes(&now, &edited));
        if step % 250 == 0 {
            forks.push((last, now.clone()));
        }
    }
    for branch in 0..branches {
        let (mut tip, mut mine) = forks[random.below(forks.len())].clone();
        let hot = branch % 4 == 0;
        for _ in 0..random.between(5, 40) {
            let among = if hot { &paths[..10] } else { &paths[..] };
            let kind = Edit { lines: LINES, count: random.between(1, 3), version: 10_000 + branch as u32 };
            let edited = edit(&mut random, among, &mut mine, &kind);
            tip = stream.commit(&format!("t/{branch:03}"), &[tip], changes(&mine, &edited));
        }
    }
    stream.end(folder)
}

/// Row 3: few files, half the commits with renames, moved folders or deletions, some branches stacked or criss-crossed.
pub fn restless(folder: &Path, branches: usize) -> Repository {
    let mut random = Random::new(3);
    let mut now: Files = (0..60).map(|n| (format!("d{}/f{n}.txt", n % 6), vec![0; 30])).collect();
    let mut stream = Stream::into(folder);
    let mut main = vec![(stream.commit("main", &[], difference(&Files::new(), &now)), now.clone())];
    let kind = |count, version| Edit { lines: 30, count, version };
    for step in 1..8 {
        let paths: Vec<String> = now.keys().cloned().collect();
        let edited = edit(&mut random, &paths, &mut now, &kind(3, step));
        let mark = stream.commit("main", &[main[main.len() - 1].0], changes(&now, &edited));
        main.push((mark, now.clone()));
    }
    let mut tips: Vec<(usize, Files)> = Vec::new();
    for branch in 0..branches {
        let name = format!("t/{branch:03}");
        let (mut tip, mut mine) = match branch % 8 {
            7 => tips[random.below(tips.len())].clone(),
            _ => main[random.below(main.len())].clone(),
        };
        for _ in 0..random.between(1, 6) {
            let before = mine.clone();
            if random.below(2) == 0 {
                shake(&mut random, &mut mine, branch);
            }
            let paths: Vec<String> = mine.keys().cloned().collect();
            let count = random.between(1, 3);
            edit(&mut random, &paths, &mut mine, &kind(count, 100 + branch as u32));
            tip = stream.commit(&name, &[tip], difference(&before, &mine));
        }
        if branch % 10 == 9 {
            // Merged with a commit of the target that it does not have, as the target may be with it: two bases.
            let (other, _) = &main[random.below(main.len())];
            tip = stream.commit(&name, &[tip, *other], []);
        }
        tips.push((tip, mine));
    }
    stream.end(folder)
}

/// Moves a file, moves a folder, or deletes.
fn shake(random: &mut Random, files: &mut Files, branch: usize) {
    let paths: Vec<String> = files.keys().cloned().collect();
    let path = paths[random.below(paths.len())].clone();
    let folder = path.split('/').next().unwrap_or_default().to_owned();
    match random.below(3) {
        0 => {
            let lines = files.remove(&path).expect("it was listed");
            files.insert(format!("{folder}/moved{branch}-{}", path.rsplit('/').next().unwrap_or_default()), lines);
        }
        1 => {
            for path in paths.iter().filter(|path| path.starts_with(&format!("{folder}/"))) {
                let lines = files.remove(path).expect("it was listed");
                files.insert(path.replacen(&folder, &format!("{folder}m{}", branch % 3), 1), lines);
            }
        }
        _ if files.len() > 20 => drop(files.remove(&path)),
        _ => {}
    }
}

/// How files are edited.
struct Edit {
    /// How many lines a file has.
    lines: usize,
    /// How many edits of a line.
    count: usize,
    /// What the lines become.
    version: u32,
}

fn edit(random: &mut Random, paths: &[String], files: &mut Files, kind: &Edit) -> Vec<String> {
    let mut edited = Vec::new();
    for _ in 0..kind.count {
        let path = &paths[random.below(paths.len())];
        let line = random.below(kind.lines);
        files.entry(path.clone()).or_insert_with(|| vec![0; kind.lines])[line] = kind.version;
        edited.push(path.clone());
    }
    edited.sort();
    edited.dedup();
    edited
}

fn changes<'a>(files: &'a Files, edited: &'a [String]) -> impl Iterator<Item = (&'a str, Option<&'a Lines>)> {
    edited.iter().map(|path| (path.as_str(), files.get(path).map(Vec::as_slice)))
}

fn difference<'a>(before: &'a Files, after: &'a Files) -> impl Iterator<Item = (&'a str, Option<&'a Lines>)> {
    let gone = before.keys().filter(|path| !after.contains_key(*path)).map(|path| (path.as_str(), None));
    let new = after.iter().filter(|(path, lines)| before.get(*path) != Some(lines));
    gone.chain(new.map(|(path, lines)| (path.as_str(), Some(lines.as_slice()))))
}

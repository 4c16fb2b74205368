//! Repositories for the comparison, made from fixed seeds by `git fast-import`: the same objects on every machine.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// xorshift64*: small, seeded, and the same everywhere (<https://en.wikipedia.org/wiki/Xorshift>).
pub struct Random(u64);

impl Random {
    /// A sequence of its own for each seed.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }
}

/// A repository with branches to hold against one another.
pub struct Repository {
    /// Its folder, with a worktree of nothing.
    pub folder: PathBuf,
    /// The branches, by their short names.
    pub branches: Vec<String>,
}

/// The content of every file of one commit.
pub type Files = std::collections::BTreeMap<String, Vec<u32>>;

/// A stream for `git fast-import`, being written.
pub struct Stream {
    out: std::io::BufWriter<std::process::ChildStdin>,
    child: std::process::Child,
    marks: usize,
}

impl Stream {
    /// Makes an empty repository in `folder` and starts importing into it.
    pub fn into(folder: &Path) -> Stream {
        run(Command::new("git").args(["init", "--quiet", "--initial-branch=main"]).arg(folder));
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped());
        let mut child = command.spawn().expect("git is installed");
        let out = std::io::BufWriter::new(child.stdin.take().expect("piped"));
        Stream { out, child, marks: 0 }
    }

    /// Commits on `branch`, with the changes given (`None` deletes), on top of `parents`; gives the commit's mark.
    pub fn commit(&mut self, branch: &str, parents: &[usize], changes: &[(&str, Option<&[u32]>)]) -> usize {
        self.marks += 1;
        let time = 1_700_000_000 + self.marks * 60;
        let mut text = format!("commit refs/heads/{branch}\nmark :{}\n", self.marks);
        text += &format!("committer Bench <bench@localhost> {time} +0000\ndata 1\nx\n");
        for (at, parent) in parents.iter().enumerate() {
            text += &format!("{} :{parent}\n", if at == 0 { "from" } else { "merge" });
        }
        for (path, lines) in changes {
            match lines {
                None => text += &format!("D {path}\n"),
                Some(lines) => {
                    let content = content(path, lines);
                    text += &format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len());
                }
            }
        }
        self.out.write_all(text.as_bytes()).expect("git reads");
        self.marks
    }

    /// Ends the import, writes a commit graph as any maintained repository has one, and lists the branches.
    pub fn end(mut self, folder: &Path) -> Repository {
        self.out.flush().expect("git reads");
        drop(self.out);
        assert!(self.child.wait().expect("it ends").success());
        run(Command::new("git").arg("-C").arg(folder).args(["commit-graph", "write", "--reachable"]));
        let listed = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["for-each-ref", "--format=%(refname:short)", "refs/heads/t"])
            .output()
            .expect("git is installed");
        let branches = String::from_utf8(listed.stdout).expect("UTF-8").lines().map(str::to_owned).collect();
        Repository { folder: folder.to_owned(), branches }
    }
}

/// Each line says where it is and what became of it, so that lines are distinct within a file.
fn content(path: &str, lines: &[u32]) -> String {
    lines.iter().enumerate().map(|(at, version)| format!("{path} line {at} as of {version}\n")).collect()
}

/// Runs a command, which must succeed.
pub fn run(command: &mut Command) {
    assert!(command.status().expect("it starts").success(), "{command:?}");
}

/// Row 1: many files in packages, tracks of few commits from one of the target's last six.
pub fn monorepo(folder: &Path, files: usize, tracks: usize) -> Repository {
    let mut random = Random::new(1);
    let paths: Vec<String> =
        (0..files).map(|n| format!("packages/p{:02}/src/m{}/f{n}.rs", n % 97, n / 97 % 13)).collect();
    let mut now: Files = paths.iter().map(|path| (path.clone(), vec![0; 24])).collect();
    let mut stream = Stream::into(folder);
    let all: Vec<(&str, Option<&[u32]>)> = now.iter().map(|(p, l)| (p.as_str(), Some(l.as_slice()))).collect();
    let mut target: Vec<(usize, Files)> = vec![(stream.commit("main", &[], &all), now.clone())];
    for step in 1..6 {
        let edited = edit(&mut random, &paths, &mut now, (20, step));
        let mark = stream.commit("main", &[target[target.len() - 1].0], &changes(&now, &edited));
        target.push((mark, now.clone()));
    }
    for track in 0..tracks {
        let (mut tip, mut mine) = target[random.below(6)].clone();
        let commits = random.between(1, 3);
        let edits = random.between(3, 24);
        // A commit has that many edits; a few may meet in one file.
        for _ in 0..commits {
            let edited = edit(&mut random, &paths, &mut mine, (edits, 1000 + track as u32));
            tip = stream.commit(&format!("t/{track:03}"), &[tip], &changes(&mine, &edited));
        }
    }
    stream.end(folder)
}

/// Row 2: long branches forked over a long history, a quarter of them editing the same ten files.
pub fn long_lived(folder: &Path, branches: usize) -> Repository {
    let mut random = Random::new(2);
    let paths: Vec<String> = (0..4500).map(|n| format!("src/d{}/e{}/f{n}.c", n % 30, n % 7)).collect();
    let mut now: Files = paths.iter().map(|path| (path.clone(), vec![0; 120])).collect();
    let mut stream = Stream::into(folder);
    let all: Vec<(&str, Option<&[u32]>)> = now.iter().map(|(p, l)| (p.as_str(), Some(l.as_slice()))).collect();
    let mut last = stream.commit("main", &[], &all);
    let mut forks: Vec<(usize, Files)> = Vec::new();
    for step in 1..=3000 {
        let edited = edit(&mut random, &paths, &mut now, (2, step));
        last = stream.commit("main", &[last], &changes(&now, &edited));
        if step % 250 == 0 {
            forks.push((last, now.clone()));
        }
    }
    for branch in 0..branches {
        let (mut tip, mut mine) = forks[random.below(forks.len())].clone();
        let hot = branch % 4 == 0;
        for _ in 0..random.between(5, 40) {
            let among = if hot { &paths[..10] } else { &paths[..] };
            let edits = random.between(1, 3);
            let edited = edit(&mut random, among, &mut mine, (edits, 10_000 + branch as u32));
            tip = stream.commit(&format!("t/{branch:03}"), &[tip], &changes(&mine, &edited));
        }
    }
    stream.end(folder)
}

/// Row 3: few files, half the commits with renames, moved folders or deletions, some branches stacked or criss-crossed.
pub fn restless(folder: &Path, branches: usize) -> Repository {
    let mut random = Random::new(3);
    let mut now: Files = (0..60).map(|n| (format!("d{}/f{n}.txt", n % 6), vec![0; 30])).collect();
    let mut stream = Stream::into(folder);
    let all: Vec<(&str, Option<&[u32]>)> = now.iter().map(|(p, l)| (p.as_str(), Some(l.as_slice()))).collect();
    let mut main: Vec<(usize, Files)> = vec![(stream.commit("main", &[], &all), now.clone())];
    for step in 1..8 {
        let paths: Vec<String> = now.keys().cloned().collect();
        let edited = edit(&mut random, &paths, &mut now, (3, step));
        let mark = stream.commit("main", &[main[main.len() - 1].0], &changes(&now, &edited));
        main.push((mark, now.clone()));
    }
    let mut tips: Vec<(usize, Files)> = Vec::new();
    for branch in 0..branches {
        let name = format!("t/{branch:03}");
        let stacked = branch % 8 == 7;
        let (mut tip, mut mine) = match stacked {
            true => tips[random.below(tips.len())].clone(),
            false => main[random.below(main.len())].clone(),
        };
        for _ in 0..random.between(1, 6) {
            let before = mine.clone();
            if random.below(2) == 0 {
                shake(&mut random, &mut mine, branch);
            }
            let paths: Vec<String> = mine.keys().cloned().collect();
            let count = random.between(1, 3);
            edit(&mut random, &paths, &mut mine, (count, 100 + branch as u32));
            tip = stream.commit(&name, &[tip], &difference(&before, &mine));
        }
        if branch % 10 == 9 {
            // Merged with a commit of the target that it does not have, as the target may be with it: two bases.
            let (other, _) = &main[random.below(main.len())];
            tip = stream.commit(&name, &[tip, *other], &[]);
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

fn edit(random: &mut Random, paths: &[String], files: &mut Files, (count, version): (usize, u32)) -> Vec<String> {
    let mut edited = Vec::new();
    for _ in 0..count {
        let path = &paths[random.below(paths.len())];
        let Some(lines) = files.get_mut(path) else { continue };
        let line = random.below(lines.len());
        lines[line] = version;
        edited.push(path.clone());
    }
    edited.sort();
    edited.dedup();
    edited
}

fn changes<'a>(files: &'a Files, edited: &'a [String]) -> Vec<(&'a str, Option<&'a [u32]>)> {
    edited.iter().map(|path| (path.as_str(), files.get(path).map(Vec::as_slice))).collect()
}

fn difference<'a>(before: &'a Files, after: &'a Files) -> Vec<(&'a str, Option<&'a [u32]>)> {
    let gone = before.keys().filter(|path| !after.contains_key(*path)).map(|path| (path.as_str(), None));
    let new = after.iter().filter(|(path, lines)| before.get(*path) != Some(lines));
    gone.chain(new.map(|(path, lines)| (path.as_str(), Some(lines.as_slice())))).collect()
}

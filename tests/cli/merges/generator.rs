//! Random histories, dense and nasty: few paths, similar contents, everything that a merge can trip over. The same seed
//! gives the same story.

use super::story::{Commit, Node, Path, Step, Story, Tree, below};

/// A small random number generator (xorshift64*), the same on every machine.
pub struct Random(u64);

impl Random {
    /// One that always gives the same numbers for a seed.
    pub fn new(seed: u64) -> Random {
        Random((seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xD6E8_FEB8_6659_FD93) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 32) as usize) % end.max(1)
    }

    /// True once in `count` times.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of `list`.
    pub fn one<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

const FOLDERS: [&str; 9] = ["", "", "a", "b", "a/x", "a/x/y", "b/x", "c", "d"];
const NAMES: [&str; 9] = ["f", "g", "h", "i", "j", "F", "x", "k.txt", "m.txt"];
const ODD_NAMES: [&[u8]; 8] =
    [b"with space", b"new\nline", b"qu\"ote", b"\xff\xfe", b"-dash", b"back\\slash", b"0", b"00000000"];
const ATTRIBUTES: [&str; 12] = [
    "* merge=union\n",
    "*.txt merge=union\n",
    "*.txt -merge\n",
    "f binary\n",
    "g merge=absent\n",
    "x/* merge=union\n",
    "* text=auto\n",
    "*.txt text eol=crlf\n",
    "[attr]own merge=union\nf own\n",
    "f merge\ng !merge\n",
    "0* merge=union\n",
    "* conflict-marker-size=9\n",
];

/// Some stories for one repository.
pub fn stories(random: &mut Random, count: usize) -> Vec<Story> {
    let mut set_up = Story::default();
    settings(&mut set_up, random);
    (0..count).map(|_| story(&set_up, random)).collect()
}

/// A story of up to about 16 commits, in a repository that is set up like another's.
fn story(set_up: &Story, random: &mut Random) -> Story {
    let mut story = Story { commits: Vec::new(), ..set_up.clone() };
    let mut trees: Vec<Tree> = Vec::new();
    let crowd = 3 + random.below(14);
    let first = Commit { name: "c0".into(), parents: Vec::new(), time: 0, steps: beginning(random, crowd) };
    trees.push(first.tree(&trees).0);
    story.commits.push(first);
    let count = 7 + random.below(9);
    let busy = 1 + random.below(5);
    let calm = random.once_in(2);
    let (stacked, crossed) = (2 + random.below(6), 3 + random.below(12));
    let clock_is_wrong = random.once_in(6);
    while story.commits.len() < count {
        let at = story.commits.len();
        let mut parents = vec![if random.once_in(stacked) { random.below(at) } else { random.below(at.min(2)) }];
        let mut steps = Vec::new();
        if random.once_in(150) {
            parents.clear();
        } else if random.once_in(crossed) && at > 2 {
            let other = random.below(at);
            if other != parents[0] {
                steps.extend(joined(&story, &trees, parents[0], other, random));
                parents.push(other);
            }
        }
        let mut commit = Commit { name: format!("c{at}"), parents, time: at as i64 * 100, steps };
        if clock_is_wrong {
            commit.time = random.below(1500) as i64;
        }
        for _ in 0..random.below(busy) + usize::from(commit.parents.len() < 2) {
            let tree = commit.tree(&trees).0;
            commit.steps.extend(match tree.keys().nth(random.below(tree.len())) {
                Some(file) if calm && !random.once_in(6) => vec![edit(file, &tree, random)],
                _ => deed(&story, &trees, &tree, random),
            });
        }
        trees.push(commit.tree(&trees).0);
        story.commits.push(commit);
    }
    story
}

/// All ordered pairs of commits of a story, each with itself too.
pub fn all_pairs(story: &Story) -> Vec<(usize, usize)> {
    let count = story.commits.len();
    (0..count).flat_map(|ours| (0..count).map(move |theirs| (ours, theirs))).collect()
}

fn settings(story: &mut Story, random: &mut Random) {
    let mut set = |key: &str, value: &str| story.config.push((key.into(), value.into()));
    match random.below(24) {
        0 => set("merge.directoryRenames", "true"),
        1 => set("merge.directoryRenames", "false"),
        2 => set("merge.renames", "false"),
        3 => set("merge.conflictStyle", "diff3"),
        4 => set("merge.conflictStyle", "zdiff3"),
        5 => set("diff.algorithm", "histogram"),
        6 => set("merge.renameLimit", "1"),
        7 => set("merge.default", "union"),
        8 => set("merge.renormalize", "off"),
        _ => {}
    }
    if random.once_in(20) {
        let lines = ["* merge=union\n", "0* merge=union\n", "*.txt -merge\n", "00000001 binary\n", "[0-9]* own\n"];
        story.info_attributes = Some(random.one(&lines).as_bytes().to_vec());
    }
    story.sha256 = random.once_in(12);
    story.reftable = random.once_in(20);
}

fn beginning(random: &mut Random, crowd: usize) -> Vec<Step> {
    let mut steps: Vec<Step> = (0..crowd).map(|_| Step::Write(path(random), text(random))).collect();
    if random.once_in(4) {
        steps.push(Step::Link(path(random), b"f".to_vec()));
    }
    if random.once_in(4) {
        steps.push(Step::Submodule(path(random), '1'));
    }
    if random.once_in(4) {
        steps.push(Step::Executable(path(random), true));
    }
    if random.once_in(8) {
        steps.push(attributes(random));
    }
    steps
}

fn path(random: &mut Random) -> Path {
    let folder = random.one(&FOLDERS);
    let name = if random.once_in(30) { random.one(&ODD_NAMES) } else { random.one(&NAMES).as_bytes() };
    let slash = if folder.is_empty() { "" } else { "/" };
    [folder.as_bytes(), slash.as_bytes(), name].concat()
}

/// Texts of a few families, so that files resemble one another and lines repeat.
fn text(random: &mut Random) -> Vec<u8> {
    let family = random.below(6);
    let length = 4 + random.below(12);
    let mut text = Vec::new();
    for at in 0..length {
        match random.below(8) {
            0 => text.extend(line(random)),
            1 => text.extend_from_slice(b"}\n"),
            _ => text.extend(format!("family {family} line {at}\n").into_bytes()),
        }
    }
    ended(text, random)
}

/// A line that others may have as well.
pub fn line(random: &mut Random) -> Vec<u8> {
    match random.below(10) {
        0 => b"}\n".to_vec(),
        1 => b"\n".to_vec(),
        2 => b"<<<<<<< HEAD\n".to_vec(),
        3 => b"=======\n".to_vec(),
        _ => format!("text {}\n", random.below(30)).into_bytes(),
    }
}

/// Now and then without a final line break, with CRLF, or binary.
fn ended(mut text: Vec<u8>, random: &mut Random) -> Vec<u8> {
    match random.below(24) {
        0 => drop(text.pop()),
        1 => text = text.split_inclusive(|b| *b == b'\n').flat_map(|l| [&l[..l.len() - 1], b"\r\n"].concat()).collect(),
        2 => text.insert(0, 0),
        _ => {}
    }
    text
}

fn attributes(random: &mut Random) -> Step {
    let folder = random.one(&FOLDERS);
    let path = if folder.is_empty() { ".gitattributes".into() } else { format!("{folder}/.gitattributes") };
    Step::Write(path.into_bytes(), random.one(&ATTRIBUTES).as_bytes().to_vec())
}

/// What a careless person does to join two commits: theirs where ours is as in a common ancestor, here and there undone.
fn joined(story: &Story, trees: &[Tree], ours: usize, theirs: usize, random: &mut Random) -> Vec<Step> {
    let mut ancestor = theirs;
    while let Some(parent) = story.commits[ancestor].parents.first() {
        ancestor = *parent;
    }
    let mut paths: Vec<&Path> = trees[ours].keys().chain(trees[theirs].keys()).collect();
    paths.sort();
    paths.dedup();
    let differs = |path: &&&Path| trees[ours].get(**path) != trees[theirs].get(**path);
    let unchanged = |path: &&Path| trees[ours].get(*path) == trees[ancestor].get(*path);
    let differing: Vec<&Path> = paths.iter().filter(differs).copied().collect();
    let taken = differing.into_iter().filter(|path| unchanged(path) != random.once_in(8));
    taken.map(|path| Step::Take(theirs, path.clone())).collect()
}

/// One thing that somebody does to a tree.
fn deed(story: &Story, trees: &[Tree], tree: &Tree, random: &mut Random) -> Vec<Step> {
    let Some(file) = tree.keys().nth(random.below(tree.len())).cloned() else {
        return vec![Step::Write(path(random), text(random))];
    };
    match random.below(100) {
        0..30 => vec![edit(&file, tree, random)],
        30..41 => {
            let to = new_name(&file, random);
            let edited = if random.once_in(2) { Some(edit(&file, tree, random)) } else { None };
            edited.into_iter().chain([Step::Rename(file, to)]).collect()
        }
        41..52 => move_folder(&file, random),
        52..64 => vec![Step::Write(path(random), text(random))],
        64..69 => {
            // A new file in a folder that is there now or was there at the beginning.
            let place = trees[0].keys().nth(random.below(trees[0].len())).unwrap_or(&file);
            let folder = folder_of(place).unwrap_or(b"a");
            let name: &[u8] = if random.once_in(3) { b"deep/new" } else { random.one(&NAMES).as_bytes() };
            vec![Step::Write([folder, b"/", name].concat(), text(random))]
        }
        69..75 => vec![Step::Delete(file)],
        75..77 => vec![Step::Delete(folder_of(&file).map_or_else(|| file.clone(), <[u8]>::to_vec))],
        77..79 => vec![Step::Write([&file[..], b"/", random.one(&NAMES).as_bytes()].concat(), text(random))],
        79..81 => vec![Step::Write(folder_of(&file).unwrap_or(b"a").to_vec(), text(random))],
        81..84 => vec![Step::Executable(file, random.once_in(2))],
        84..86 => vec![Step::Link(file, random.one(&NAMES).as_bytes().to_vec())],
        86 => vec![Step::Submodule(file, *random.one(&['1', '2', '3']))],
        87 => vec![attributes(random)],
        88 => vec![Step::Write(file, ended(vec![0, 1, random.below(4) as u8], random))],
        89..92 => copied(tree, &file, random),
        92..98 => picked(story, trees, random),
        _ => {
            let from = random.below(trees.len());
            vec![Step::Take(from, folder_of(&file).map_or_else(|| file.clone(), <[u8]>::to_vec))]
        }
    }
}

fn edit(file: &Path, tree: &Tree, random: &mut Random) -> Step {
    let content = match &tree[file] {
        Node::File { content, .. } => content.clone(),
        Node::Link(_) => return Step::Link(file.clone(), random.one(&NAMES).as_bytes().to_vec()),
        Node::Submodule(_) => return Step::Submodule(file.clone(), *random.one(&['1', '2', '3', '4'])),
    };
    let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
    match random.below(20) {
        0 => Step::Append(file.clone(), line(random)),
        // Another block order.
        1 => {
            let at = random.below(lines.len());
            Step::Write(file.clone(), [lines[at..].concat(), lines[..at].concat()].concat())
        }
        // A block said twice.
        2 => {
            let at = random.below(lines.len());
            Step::Write(file.clone(), [lines[..].concat(), lines[at..].concat()].concat())
        }
        3 => Step::Write(file.clone(), ended(content.to_vec(), random)),
        _ => {
            let first = 1 + random.below(lines.len() + 1);
            let last = (first - 1 + random.below(3)).min(lines.len());
            let new = (0..random.below(3)).flat_map(|_| line(random)).collect();
            Step::Replace { path: file.clone(), first, last, lines: new }
        }
    }
}

fn folder_of(file: &[u8]) -> Option<&[u8]> {
    file.iter().rposition(|byte| *byte == b'/').map(|at| &file[..at])
}

fn new_name(file: &Path, random: &mut Random) -> Path {
    match (random.below(6), folder_of(file)) {
        (0, _) => file.to_ascii_uppercase(),
        (1 | 2, Some(folder)) => [folder, b"/", random.one(&NAMES).as_bytes()].concat(),
        _ => path(random),
    }
}

/// Moves a folder of a file to another place, now and then into itself or to the root, and leaves something behind or
/// adds something on the way.
fn move_folder(file: &Path, random: &mut Random) -> Vec<Step> {
    let Some(mut folder) = folder_of(file) else { return vec![Step::Rename(file.clone(), path(random))] };
    if random.once_in(2) {
        folder = folder_of(folder).unwrap_or(folder);
    }
    let places: [&[u8]; 7] = [b"moved", b"a", b"b", b"c/in", b"e/f/g", b"d", b"a/x"];
    let to = match random.below(8) {
        0 => [folder, b"/inside"].concat(),
        _ => random.one(&places).to_vec(),
    };
    let mut steps = vec![Step::Rename(folder.into(), [&b"aside/"[..], folder].concat())];
    steps.push(Step::Rename([&b"aside/"[..], folder].concat(), to.clone()));
    match random.below(6) {
        0 => steps.push(Step::Write([folder, b"/left"].concat(), text(random))),
        1 => steps.push(Step::Write([&to[..], b"/added"].concat(), text(random))),
        _ => {}
    }
    steps
}

/// A file copied, with a line changed.
fn copied(tree: &Tree, file: &Path, random: &mut Random) -> Vec<Step> {
    let Node::File { content, .. } = &tree[file] else { return Vec::new() };
    let to = path(random);
    let change = Step::Replace { path: to.clone(), first: 1, last: 1, lines: line(random) };
    vec![Step::Write(to, content.to_vec()), change]
}

/// What another commit did, done again, or undone.
fn picked(story: &Story, trees: &[Tree], random: &mut Random) -> Vec<Step> {
    let from = random.below(trees.len());
    let Some(parent) = story.commits[from].parents.first() else { return Vec::new() };
    let (before, after) = (&trees[*parent], &trees[from]);
    let mut paths: Vec<&Path> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    let source = if random.once_in(4) { *parent } else { from };
    let whole = |path: &Path| below(&trees[source], path).len() < 2;
    changed.filter(|path| whole(path)).map(|path| Step::Take(source, path.clone())).collect()
}

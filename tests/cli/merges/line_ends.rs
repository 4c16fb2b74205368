//! Random histories for `merge.renormalize`: what normalises contents differs from branch to branch.

use super::generator::{Random, line};
use super::story::{Commit, Node, Path, Step, Story, Tree};

/// A story of ten commits, in a repository that normalises what it merges.
pub fn story(random: &mut Random) -> Story {
    let mut story = Story::default();
    let mut set = |key: &str, value: &str| story.config.push((key.into(), value.into()));
    set("merge.renormalize", "true");
    set("filter.loud.clean", "tr a-y A-Y");
    set("filter.loud.smudge", "tr A-Y a-y");
    match random.below(8) {
        0 => set("core.autocrlf", "true"),
        1 => set("core.autocrlf", "input"),
        2 => set("core.eol", "crlf"),
        _ => {}
    }
    if random.once_in(8) {
        story.info_attributes = Some(b"*.txt text\n".to_vec());
    }
    let files: Vec<Path> = (0..6).map(|_| random.one(&FILES).to_vec()).collect();
    let mut steps: Vec<Step> = files.iter().map(|file| Step::Write(file.clone(), numbered(random))).collect();
    if !random.once_in(3) {
        steps.push(attributes(random));
    }
    let mut trees: Vec<Tree> = Vec::new();
    story.commits.push(Commit { name: "c0".into(), parents: Vec::new(), time: 0, steps });
    trees.push(story.commits[0].tree(&trees).0);
    for at in 1..10 {
        let mut parents = vec![if random.once_in(3) { random.below(at) } else { 0 }];
        let other = random.below(at);
        if random.once_in(6) && other != parents[0] {
            parents.push(other);
        }
        let mut commit = Commit { name: format!("c{at}"), parents, time: at as i64 * 100, steps: Vec::new() };
        for _ in 0..1 + random.below(3) {
            let tree = commit.tree(&trees).0;
            commit.steps.extend(deed(&tree, random));
        }
        trees.push(commit.tree(&trees).0);
        story.commits.push(commit);
    }
    story
}

const FILES: [&[u8]; 7] = [b"a.txt", b"b.txt", b"c", b"d/a.txt", b"d/e", b"d/f/g.txt", b"h/i"];
const ATTRIBUTES: [&str; 16] = [
    "* text=auto\n",
    "*.txt text\n",
    "*.txt text eol=crlf\n",
    "* -text\n",
    "* eol=lf\n",
    "* crlf\n",
    "* ident\n",
    "*.txt filter=loud\n",
    "*.txt text working-tree-encoding=UTF-16\n",
    "*.txt merge=union text\n",
    "a.txt -merge\n",
    "* text=auto\r\n*.txt !text\r\n",
    "[attr]own text eol=crlf\n*.txt own\n",
    ".gitattributes working-tree-encoding=UTF-16\n* text\n",
    "/d/** text\n",
    "\n",
];

fn attributes(random: &mut Random) -> Step {
    let folder = *random.one(&["", "", "", "d/", "d/f/", "h/"]);
    let path = format!("{folder}.gitattributes").into_bytes();
    match random.below(12) {
        0 => Step::Delete(path),
        1 => Step::Link(path, b"* text".to_vec()),
        _ => Step::Write(path, random.one(&ATTRIBUTES).as_bytes().to_vec()),
    }
}

fn numbered(random: &mut Random) -> Vec<u8> {
    let text: Vec<u8> = (0..7).flat_map(|at| format!("line {at}\n").into_bytes()).collect();
    let text = [if random.once_in(3) { &b"$Id$\n"[..] } else { b"" }, &text].concat();
    line_ends(&text, random)
}

/// The same lines, all with one line end, or some with the other.
fn line_ends(text: &[u8], random: &mut Random) -> Vec<u8> {
    let kind = random.below(5);
    let line = |line: &[u8]| {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        let crlf = kind == 1 || kind == 2 || kind == 3 && random.once_in(2);
        [bare, if crlf { b"\r\n" } else { b"\n" }].concat()
    };
    text.split_inclusive(|byte| *byte == b'\n').flat_map(line).collect()
}

fn deed(tree: &Tree, random: &mut Random) -> Option<Step> {
    let files: Vec<&Path> = tree.keys().filter(|path| !path.ends_with(b".gitattributes")).collect();
    let file = (*files.get(random.below(files.len()))?).clone();
    let Node::File { content, .. } = &tree[&file] else { return None };
    Some(match random.below(20) {
        0..4 => Step::Write(file, line_ends(content, random)),
        4..10 => {
            let count = content.split_inclusive(|byte| *byte == b'\n').count();
            let at = 1 + random.below(count);
            Step::Replace { path: file, first: at, last: at, lines: line_ends(&line(random), random) }
        }
        10..13 => Step::Delete(file),
        13 => Step::Rename(file, random.one(&FILES).to_vec()),
        14 => Step::Write(random.one(&FILES).to_vec(), numbered(random)),
        15 => Step::Write(file, String::from_utf8_lossy(content).replace("$Id$", "$Id: 1$").into_bytes()),
        16 => Step::Write(file, content.to_ascii_uppercase()),
        _ => attributes(random),
    })
}

//! Which merges can be asked of one process of Git: those whose first parents hold the same `.gitattributes`. Found by
//! reading every distinct tree once, through Git.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::rc::Rc;

use super::history::Merge;
use super::merges::repository::git;

/// The files below a tree by their paths, each with its mode and id.
type Found = Rc<Vec<(Vec<u8>, Vec<u8>)>>;

/// A reader of trees.
pub struct Attributes {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    known: HashMap<String, Found>,
}

impl Attributes {
    /// Starts it on a repository.
    pub fn new(git_dir: &Path) -> Attributes {
        let mut command = git(git_dir);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("git starts");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        Attributes { asks: child.stdin.take(), answers, child, known: HashMap::new() }
    }

    /// The places of the merges that belong together.
    pub fn group(&mut self, merges: &[Merge]) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<Found, Vec<usize>> = BTreeMap::new();
        for (at, merge) in merges.iter().enumerate() {
            groups.entry(self.below(&merge.tree)).or_default().push(at);
        }
        groups.into_values().collect()
    }

    fn below(&mut self, tree: &str) -> Found {
        if let Some(found) = self.known.get(tree) {
            return found.clone();
        }
        let mut found = Vec::new();
        let content = self.read(tree);
        let mut rest = content.as_slice();
        while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
            let zero = rest.iter().position(|byte| *byte == 0).expect("a name ends");
            let (mode, name) = (&rest[..space], &rest[space + 1..zero]);
            let id = &rest[zero + 1..zero + 1 + tree.len() / 2];
            rest = &rest[zero + 1 + id.len()..];
            if mode == b"40000" {
                let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
                let inside = self.below(&hex);
                found.extend(inside.iter().map(|(path, what)| ([name, b"/", path].concat(), what.clone())));
            } else if name == b".gitattributes" {
                found.push((name.to_vec(), [mode, id].concat()));
            }
        }
        let found = Rc::new(found);
        self.known.insert(tree.to_owned(), found.clone());
        found
    }

    /// A tree as it is stored; one that is not there is empty (Git will say so when it merges).
    fn read(&mut self, tree: &str) -> Vec<u8> {
        let asks = self.asks.as_mut().expect("it is open until the end");
        writeln!(asks, "{tree}").and_then(|()| asks.flush()).expect("git reads");
        let mut head = String::new();
        self.answers.read_line(&mut head).expect("git answers");
        let Some(size) = head.trim().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()) else {
            return Vec::new();
        };
        let mut content = vec![0; size + 1];
        self.answers.read_exact(&mut content).expect("git answers");
        content.pop();
        content
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        self.asks = None;
        let _ = self.child.wait();
    }
}

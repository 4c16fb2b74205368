//! Repositories written by `git fast-import`: the same objects on every machine.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A repository with branches to hold against one another.
pub struct Repository {
    /// Its folder, with a worktree of nothing.
    pub folder: PathBuf,
    /// The branches, by their short names.
    pub branches: Vec<String>,
}

impl Repository {
    /// One that is there, with its branches below `t/`.
    pub fn open(folder: &Path) -> Repository {
        let listed = print(git(folder).args(["for-each-ref", "--format=%(refname:short)", "refs/heads/t"]));
        Repository { folder: folder.to_owned(), branches: listed.lines().map(str::to_owned).collect() }
    }

    /// Puts one more commit on a branch, with these files changed.
    pub fn commit(&self, branch: &str, files: &[(String, String)]) {
        let mut stream = Import::into(&self.folder);
        stream.write(&format!("commit refs/heads/{branch}\ncommitter Bench <bench@localhost> 1710000000 +0000\n"));
        stream.write(&format!("data 1\nx\nfrom refs/heads/{branch}^0\n"));
        files.iter().for_each(|(path, text)| stream.file(path, text));
        stream.end();
    }
}

/// The content of a file: for each line what it was made by.
pub type Lines = [u32];

/// A repository being written.
pub struct Stream {
    import: Import,
    marks: usize,
}

impl Stream {
    /// Makes an empty repository in `folder` and starts importing into it.
    pub fn into(folder: &Path) -> Stream {
        run(Command::new("git").args(["init", "--quiet", "--initial-branch=main"]).arg(folder));
        Stream { import: Import::into(folder), marks: 0 }
    }

    /// Commits on `branch`, with the changes given (`None` deletes), on top of `parents`; gives the commit's mark.
    pub fn commit<'a>(
        &mut self,
        branch: &str,
        parents: &[usize],
        changes: impl IntoIterator<Item = (&'a str, Option<&'a Lines>)>,
    ) -> usize {
        self.marks += 1;
        let time = 1_700_000_000 + self.marks * 60;
        let mut text = format!("commit refs/heads/{branch}\nmark :{}\n", self.marks);
        text += &format!("committer Bench <bench@localhost> {time} +0000\ndata 1\nx\n");
        for (at, parent) in parents.iter().enumerate() {
            text += &format!("{} :{parent}\n", if at == 0 { "from" } else { "merge" });
        }
        self.import.write(&text);
        for (path, lines) in changes {
            match lines {
                None => self.import.write(&format!("D {path}\n")),
                Some(lines) => self.import.file(path, &content(path, lines)),
            }
        }
        self.marks
    }

    /// Ends the import, writes a commit graph as any maintained repository has one, and lists the branches.
    pub fn end(self, folder: &Path) -> Repository {
        self.import.end();
        run(git(folder).args(["commit-graph", "write", "--reachable"]));
        Repository::open(folder)
    }
}

/// A running `git fast-import`.
struct Import {
    out: BufWriter<ChildStdin>,
    child: Child,
}

impl Import {
    fn into(folder: &Path) -> Import {
        let mut child =
            git(folder).args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped()).spawn().expect("git starts");
        Import { out: BufWriter::new(child.stdin.take().expect("piped")), child }
    }

    fn write(&mut self, text: &str) {
        self.out.write_all(text.as_bytes()).expect("git reads");
    }

    fn file(&mut self, path: &str, text: &str) {
        self.write(&format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len()));
    }

    fn end(mut self) {
        self.out.flush().expect("git reads");
        drop(self.out);
        assert!(self.child.wait().expect("it ends").success());
    }
}

/// Each line says where it is and what became of it, so that lines are distinct within a file.
pub fn content(path: &str, lines: &Lines) -> String {
    lines.iter().enumerate().map(|(at, version)| format!("{path} line {at} as of {version}\n")).collect()
}

/// Git in a folder.
pub fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder);
    git
}

/// Runs a command, which must succeed.
pub fn run(command: &mut Command) {
    assert!(command.status().expect("it starts").success(), "{command:?}");
}

/// What a command prints, which must succeed.
pub fn print(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

//! Makes a repository of a story: one call of `git init`, one of `git fast-import`.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tracks::git::{Repo, repo::Start};
use tracks::model::CommitId;

use super::story::{Node, Story};

/// A repository that is gone when dropped.
pub struct Repository {
    folder: PathBuf,
    /// The commits of the story, in its order.
    pub commits: Vec<CommitId>,
    _home: tempfile::TempDir,
}

impl Repository {
    /// Makes it in a folder of its own, without a work tree.
    pub fn new(story: &Story) -> Repository {
        Repository::in_folder(story, "story.git")
    }

    /// Makes it in a folder with this name.
    pub fn in_folder(story: &Story, name: &str) -> Repository {
        // Thousands of small objects are written: in memory, where there is such a file system.
        let in_memory = tempfile::tempdir_in("/dev/shm");
        let home = in_memory.or_else(|_| tempfile::tempdir()).expect("a folder for temporary files");
        let folder = home.path().join(name);
        let format = if story.sha256 { "sha256" } else { "sha1" };
        let refs = if story.reftable { "reftable" } else { "files" };
        let options = [format!("--object-format={format}"), format!("--ref-format={refs}")];
        run(
            git(home.path())
                .args(["-c", "init.defaultBranch=main", "init", "-q", "--bare", "--template="])
                .args(options)
                .arg(&folder),
            b"",
        );
        configure(story, &folder);
        let marks = home.path().join("marks");
        let export = [&b"--export-marks="[..], marks.as_os_str().as_encoded_bytes()].concat();
        let import = ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet"];
        run(git(&folder).args(import).arg(String::from_utf8(export).expect("a plain path")), &stream(story));
        let commits = read_marks(&marks, story.commits.len());
        Repository { folder, commits, _home: home }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Git on it.
    pub fn git(&self) -> Command {
        git(&self.folder)
    }

    /// As the engine sees it.
    pub fn open(&self) -> Repo {
        Repo::discover(&Start::At(self.folder.clone())).expect("git made it")
    }
}

/// Git in a folder, with nothing from outside that would send it elsewhere.
pub fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    git.env("LC_ALL", "C").current_dir(folder);
    git
}

/// Runs it with `input` and gives what it prints; anything but success is a mistake of the test.
pub fn run(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let (success, stdout, stderr) = try_run(command, input);
    assert!(success, "{command:?}: {stderr}");
    stdout
}

/// Runs it with `input`: whether it succeeded, and what it printed.
pub fn try_run(command: &mut Command, input: &[u8]) -> (bool, Vec<u8>, String) {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("git is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    let output = std::thread::scope(|scope| {
        // A child that ends early closes the pipe; its status says so.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().expect("its output can be read")
    });
    (output.status.success(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Pins what the machine's own configuration might say otherwise, then adds the story's.
fn configure(story: &Story, folder: &Path) {
    let mut text = String::from("[core]\n\tattributesFile = /dev/null\n[merge]\n\tconflictStyle = merge\n");
    for (key, value) in &story.config {
        let (section, name) = key.split_once('.').expect("a section and a name");
        let header = match name.rsplit_once('.') {
            Some((subsection, _)) => format!("[{section} \"{subsection}\"]"),
            None => format!("[{section}]"),
        };
        let name = name.rsplit('.').next().expect("a name");
        text.push_str(&format!("{header}\n\t{name} = {value}\n"));
    }
    let config = std::fs::OpenOptions::new().append(true).open(folder.join("config"));
    config.and_then(|mut file| file.write_all(text.as_bytes())).expect("the configuration can be written");
    if let Some(attributes) = &story.info_attributes {
        std::fs::create_dir_all(folder.join("info")).expect("the folder can be made");
        std::fs::write(folder.join("info/attributes"), attributes).expect("the file can be written");
    }
}

fn read_marks(marks: &Path, count: usize) -> Vec<CommitId> {
    let text = std::fs::read(marks).expect("fast-import wrote its marks");
    let mut commits = vec![None; count];
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut words = line[1..].splitn(2, |byte| *byte == b' ');
        let mark: usize =
            String::from_utf8_lossy(words.next().expect("a mark")).parse().expect("marks are numbers from 1");
        if mark <= count {
            commits[mark - 1] = CommitId::from_hex(words.next().expect("an id"));
        }
    }
    commits.into_iter().map(|id| id.expect("every commit has a mark")).collect()
}

/// The story as `git help fast-import` wants it: marks from 1 are commits, those above are blobs.
fn stream(story: &Story) -> Vec<u8> {
    let trees = story.trees();
    let id_length = if story.sha256 { 64 } else { 40 };
    let mut out = Vec::new();
    let mut blobs: HashMap<Vec<u8>, usize> = HashMap::new();
    for node in trees.iter().flat_map(|tree| tree.values()) {
        let content = match node {
            Node::File { content, .. } => content.to_vec(),
            Node::Link(target) => target.clone(),
            Node::Submodule(_) => continue,
        };
        let mark = story.commits.len() + 1 + blobs.len();
        blobs.entry(content).or_insert_with_key(|content| {
            out.extend(format!("blob\nmark :{mark}\ndata {}\n", content.len()).into_bytes());
            out.extend_from_slice(content);
            out.push(b'\n');
            mark
        });
    }
    for (at, (commit, tree)) in story.commits.iter().zip(&trees).enumerate() {
        let (name, mark, time) = (&commit.name, at + 1, 1_700_000_000 + commit.time);
        let head =
            format!("commit refs/heads/{name}\nmark :{mark}\ncommitter A <a@example.org> {time} +0000\ndata 0\n");
        out.extend(head.into_bytes());
        for (place, parent) in commit.parents.iter().enumerate() {
            let word = if place == 0 { "from" } else { "merge" };
            out.extend(format!("{word} :{}\n", parent + 1).into_bytes());
        }
        out.extend_from_slice(b"deleteall\n");
        for (path, node) in tree {
            let (mode, id) = match node {
                Node::File { executable: false, content } => ("100644", format!(":{}", blobs[&content[..]])),
                Node::File { executable: true, content } => ("100755", format!(":{}", blobs[&content[..]])),
                Node::Link(target) => ("120000", format!(":{}", blobs[target])),
                Node::Submodule(digit) => ("160000", digit.to_string().repeat(id_length)),
            };
            out.extend(format!("M {mode} {id} {}\n", quoted(path)).into_bytes());
        }
    }
    out.extend_from_slice(b"done\n");
    out
}

/// A path in double quotes, with whatever is not plain escaped as in C.
fn quoted(path: &[u8]) -> String {
    let escape = |byte: &u8| match byte {
        b'"' | b'\\' => format!("\\{}", *byte as char),
        b' '..=b'~' => (*byte as char).to_string(),
        _ => format!("\\{byte:03o}"),
    };
    format!("\"{}\"", path.iter().map(escape).collect::<String>())
}

//! Git's answers where only a real merge gives them: a clean checkout of our side, and `git merge` in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rayon::prelude::*;

use super::oracle::{Answer, read};
use super::repository::{Repository, git, run, try_run};
use super::story::{Node, Path, Tree};

/// Whether `git merge-tree` with the attributes of a tree does not do what `git merge` does: where contents are
/// normalised, attributes come from elsewhere, or a link has their name.
pub fn is_needed(repository: &Repository, trees: &[Tree]) -> bool {
    let get = |key: &str| try_run(repository.git().args(["config", "--get", key]), b"").1;
    let is_link = |(path, node): (&Path, &Node)| path.ends_with(b".gitattributes") && matches!(node, Node::Link(_));
    get("merge.renormalize") == b"true\n" || !get("attr.tree").is_empty() || trees.iter().flatten().any(is_link)
}

/// What `git merge` makes of pairs of commits, ours first.
pub fn answers(repository: &Repository, pairs: &[(usize, usize)]) -> Vec<Answer> {
    let size = pairs.len().div_ceil(rayon::current_num_threads()).max(1);
    let some = |pairs: &[(usize, usize)]| {
        let work = Work::new(repository);
        let id = |at: usize| repository.commits[at].to_string();
        pairs.iter().map(|(ours, theirs)| work.merge(&id(*ours), &id(*theirs))).collect::<Vec<Answer>>()
    };
    pairs.par_chunks(size).flat_map_iter(some).collect()
}

/// A linked worktree.
struct Work {
    folder: PathBuf,
    git_dir: PathBuf,
    _home: tempfile::TempDir,
}

impl Work {
    fn new(repository: &Repository) -> Work {
        let in_memory = tempfile::tempdir_in("/dev/shm");
        let home = in_memory.or_else(|_| tempfile::tempdir()).expect("a folder for temporary files");
        let folder = home.path().join("work");
        let first = repository.commits[0].to_string();
        let add = ["worktree", "add", "-q", "--detach", "--no-checkout"];
        run(repository.git().args(add).arg(&folder).arg(first), b"");
        let git_dir = run(git(&folder).args(["rev-parse", "--absolute-git-dir"]), b"");
        let git_dir = PathBuf::from(String::from_utf8(git_dir).expect("a plain path").trim_end());
        Work { folder, git_dir, _home: home }
    }

    fn merge(&self, ours: &str, theirs: &str) -> Answer {
        self.check_out(ours);
        let merge = ["-c", "user.name=A", "-c", "user.email=a@example.org", "merge", "--no-commit"];
        let (success, printed, complaint) = try_run(git(&self.folder).args(merge).arg(theirs), b"");
        let stopped = String::from_utf8_lossy(&printed).contains("CONFLICT");
        if success && !stopped {
            let tree = run(git(&self.folder).arg("write-tree"), b"");
            return Answer::Clean(String::from_utf8(tree).expect("an id").trim_end().into());
        }
        // Some conflicts Git finds, and then dies of writing them into the index.
        let lost = complaint.contains("nothing in basic working tree or index");
        if !success && !lost && !stopped {
            let refusals = ["unrelated histories", "fatal: ", "error: "];
            assert!(refusals.iter().any(|words| complaint.contains(words)), "{complaint}");
            assert!(!complaint.contains("overwritten"), "{complaint}");
            return Answer::Refused;
        }
        // What the paths are called, `git merge` says only in prose.
        self.check_out(ours);
        let mut git = git(&self.folder);
        let lines = format!("{ours} {theirs}\n");
        let (_, told, _) = try_run(git.args(["merge-tree", "-z", "--stdin"]), lines.as_bytes());
        let told = read(&told, 1).expect("git has merged them before").remove(0);
        match told {
            // Where conflicts nest Git calls the merge clean, with markers that name the sides as they were typed.
            _ if success => told,
            Answer::Conflict(_) => told,
            // Attributes from the index may have been in force.
            _ => Answer::Conflict(BTreeSet::new()),
        }
    }

    /// Nothing but the files of a commit, none of which Git has a reason to look into.
    fn check_out(&self, commit: &str) {
        for entry in fs::read_dir(&self.folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            match (path.ends_with(".git"), path.symlink_metadata().expect("it is there").is_dir()) {
                (true, _) => {}
                (_, true) => fs::remove_dir_all(path).expect("it can be removed"),
                (_, false) => fs::remove_file(path).expect("it can be removed"),
            }
        }
        for left in ["index", "index.lock"] {
            let _ = fs::remove_file(self.git_dir.join(left));
        }
        run(git(&self.folder).args(["reset", "-q", "--hard", commit]), b"");
        make_older(&self.git_dir.join("index"));
    }
}

/// An entry that is not older than the index may have been changed since, and Git compares its content.
fn make_older(index: &std::path::Path) {
    let index = fs::File::options().write(true).open(index).expect("git wrote it");
    index.set_modified(SystemTime::now() + Duration::from_secs(60)).expect("the time can be set");
}

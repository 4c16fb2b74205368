//! A clone of a bundle, in which `tracks` and Git are asked.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::rows::{Row, Said};

/// Whether a program of `tracks` can be asked for merges one by one.
pub fn reads_pairs(program: &Path) -> bool {
    let help =
        Command::new(program).args(["matrix", "--help"]).output().expect("build it first: cargo build --release");
    String::from_utf8_lossy(&help.stdout).contains("--pairs")
}

/// A bare repository that is gone when dropped.
pub struct Clone {
    home: tempfile::TempDir,
}

impl Clone {
    /// Makes it.
    pub fn of(bundle: &Path) -> Clone {
        let clone = Clone { home: tempfile::tempdir().expect("a folder") };
        let mut git = hermetic("git");
        git.args(["-c", "init.defaultBranch=main", "clone", "--quiet", "--bare", "--mirror"])
            .arg(bundle)
            .arg(clone.folder());
        assert!(git.status().expect("git is installed").success(), "{} cannot be cloned", bundle.display());
        clone
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("corpus.git")
    }

    /// What `tracks` says to all rows, asked at once.
    pub fn ask(&self, program: &Path, rows: &[&Row]) -> Vec<Said> {
        let input = self.home.path().join("pairs");
        fs::write(&input, rows.iter().map(|row| row.line()).collect::<String>()).expect("written");
        let mut command = hermetic(program);
        command.arg("-C").arg(self.folder()).args(["matrix", "--pairs", "-", "--trees", "--format", "json"]);
        let output = command.stdin(File::open(&input).expect("written")).output().expect("it starts");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "tracks: {}, {words}", output.status);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let pairs = report["pairs"].as_array().expect("pairs");
        assert_eq!(pairs.len(), rows.len(), "an answer for every row");
        pairs.iter().map(said).collect()
    }

    /// What the installed Git says with the attributes of the side that is merged into.
    pub fn with_attributes(&self, row: &Row) -> Said {
        let mut git = hermetic("git");
        git.arg("-C")
            .arg(self.folder())
            .arg(format!("--attr-source={}", row.ours))
            .args(["merge-tree", "--write-tree"]);
        git.args(row.base.as_ref().map(|base| format!("--merge-base={base}"))).args([&row.ours, &row.theirs]);
        let output = git.output().expect("git is installed");
        let tree = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned();
        // A bad name ends with 1, too, but prints no tree.
        match output.status.code().filter(|_| !tree.is_empty()) {
            Some(code) => Said::of(&code.to_string(), &tree),
            None => Said::Unknown,
        }
    }
}

fn said(pair: &serde_json::Value) -> Said {
    let tree = || pair["tree"].as_str().unwrap_or("without a tree").to_owned();
    match pair["verdict"].as_str() {
        Some("disjoint" | "clean") => Said::Clean(tree()),
        Some("conflict") => Said::Conflict,
        _ => Said::Unknown,
    }
}

/// A program that reads no configuration but the repository's.
fn hermetic(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C");
    command
}

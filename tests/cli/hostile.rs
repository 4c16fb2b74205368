//! Repositories that were made to harm: names that a terminal obeys or that pass for options, folders that lead out,
//! entries that were forged. Links in the place of folders stand in `init_trouble.rs` and `setup.rs`, attributes that
//! mislead in `odd_repositories.rs`, malformed trees in `odd_trees.rs`, commands in `trust.rs`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use regex::Regex;

use crate::support::{Ground, write};

/// A colour that the program never uses, a mark that turns the line round, and some that nobody sees.
const EVIL: &str = "\u{1b}[41m\u{202e}\u{200b}\u{e0041}";

/// File names, of which each harms somebody.
const NAMES: [&[u8]; 12] = [
    b"a\x1b[41mred.txt",
    b"bidi\xe2\x80\xaename.txt",
    b"new\nFORGED.txt",
    b"tab\t.txt",
    b"quote\".txt",
    b"-dash.txt",
    b"--output=pwned",
    b"not\xffutf8.txt",
    b"c1\xc2\x9b41m.txt",
    b"<img onerror=x>|`](www.e.x).md",
    b"del\x7f.txt",
    b":(glob)**",
];

const POLICY: &str = r#"
[tracks.a]
title = "t\u001b[41m\u202e"
agent = "t\u001b[41m\u202e"
issue = "t\u001b[41m\u202e"
owns = ["**/*\u001b*", "bidi\u202e*"]
delivers = ["\u001b[0-4]1m\u202e"]
[tracks.b]
owns = ["new*"]
branch = "topic/b\u202eb"
[shared."zone\u001b[41m\u202e"]
paths = ["tab*"]
steward = "a"
[contracts."contract\u001b[41m\u202e"]
track = "a"
paths = ["quote*"]
check = "t\u001b[41m\u202e"
[rules.file-size]
max-lines = 2
[[rules.forbidden]]
name = "evil"
pattern = "ev\u202eil|evil"
[setup]
run = ["echo \u001b[41m\u202e; printf '\\033[41m\\342\\200\\256\\rFORGED\\n'; exit 1"]
copy = ["t\u001b[41m\u202e"]
[[gates]]
name = "t\u001b[41m\u202e"
run = "x"
"#;

fn write_bytes(folder: &Path, name: &[u8], content: &str) {
    fs::write(folder.join(OsStr::from_bytes(name)), content).expect("written");
}

/// Two tracks that collide in every file; everything that has a name has a bad one.
fn ground() -> Ground {
    let ground = Ground::new();
    ground.write("tracks.toml", POLICY);
    for name in NAMES {
        write_bytes(&ground.shop(), name, "1\n2\n3\n");
    }
    ground.git("add .");
    ground.git("commit -q -m policy");
    ground.run("trust --yes");
    ground.run("init --no-hooks");
    for id in ["a", "b"] {
        let worktree = ground.track(id);
        for name in NAMES {
            write_bytes(&worktree, name, &format!("1\n{id}\n3\nevil\n"));
        }
        ground.git_in(&worktree, "add .");
        let mut commit = ground.command("git", &worktree);
        commit.args(["commit", "-q", "-m", &format!("work {EVIL}")]).env("GIT_AUTHOR_NAME", format!("Kim{EVIL}"));
        assert!(commit.status().expect("runs").success());
        write(&worktree.join(format!("dirty{EVIL}")), "x\n");
    }
    ground.git("branch feature/\u{202e}odd");
    let folder = format!("../loose{EVIL}");
    let words = ["worktree", "add", "-q", &folder, "-b", "loose\u{202e}"];
    assert!(ground.command("git", &ground.shop()).args(words).status().expect("runs").success());
    ground
}

/// Everything that can be asked; what is typed is as bad as what is stored.
fn questions() -> impl Iterator<Item = (Vec<String>, &'static str)> {
    let plain = "trust;trust --dry-run;trust --list;list;sync;matrix;show a b;order;report;check --all;check --staged;\
        checkpoint;checkpoint list;checkpoint show a@1 --all;checkpoint diff a@1;checkpoint restore b@1 --dry-run;\
        prune;remove a;remove a --unlanded --dry-run;hooks status;deinit --dry-run";
    let typed = "matrix EVIL;matrix feature/\u{202e}odd main;show EVIL b;report --pr topic/b\u{202e}b;report --pr EVIL;\
        check EVIL;owner EVIL;owner ../EVIL;path EVIL;checkpoint show EVIL@1;add EVIL;add c --from EVIL;\
        add c --adopt EVIL;add c --title EVIL --owns EVIL --dry-run;add d --adopt loose\u{202e} --dry-run;remove EVIL;\
        explain EVIL;exec EVIL -- x;exec a -- EVIL;init EVIL;-C /EVIL list;EVIL;list --EVIL;list --format EVIL;\
        checkpoint -m EVIL;checkpoint list;add e";
    let plain = plain.split(';').flat_map(|line| ["text", "json", "markdown"].map(|format| (line, format)));
    let words = |line: &str| line.split_whitespace().map(|word| word.replace("EVIL", EVIL)).collect();
    plain.chain(typed.split(';').map(|line| (line, "text"))).map(move |(line, format)| (words(line), format))
}

#[test]
fn nothing_that_a_terminal_obeys_is_ever_printed() {
    let ground = ground();
    let ours = Regex::new("\x1b\\[[0-9;]*m").expect("valid");
    let not_ours = Regex::new("\x1b\\[41m").expect("valid");
    let hidden = Regex::new(
        "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x{9f}\\x{61c}\\x{200b}-\\x{200f}\\x{2028}-\\x{202e}\\x{2060}-\\x{2069}\\x{feff}\\x{e0000}-\\x{e0fff}]",
    );
    let hidden = hidden.expect("valid");
    for (question, format) in questions() {
        let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
        let output = command.args(["--color", "always", "--format", format]).args(&question).output().expect("runs");
        for printed in [output.stdout, output.stderr] {
            let shown = String::from_utf8(printed).expect("never anything but UTF-8");
            assert!(!not_ours.is_match(&shown), "{question:?} {format}: {shown}");
            let shown = ours.replace_all(&shown, "");
            assert!(!hidden.is_match(&shown), "{question:?} {format}: {shown:?}");
            assert!(!shown.lines().any(|line| line.starts_with("FORGED")), "{question:?} {format}: {shown}");
            assert!(!shown.contains("panicked"), "{shown}");
        }
    }
    assert!(!ground.shop().join("pwned").exists());
}

#[test]
fn nothing_in_a_comment_is_html_or_a_link() {
    let ground = ground();
    for question in ["sync", "check --all", "show a b", "matrix", "order"] {
        let said = ground.run(&format!("{question} --format markdown"));
        let answer = said.split("\n-- ").next().unwrap_or_default();
        for line in answer.lines().filter(|line| line.contains("onerror")) {
            // Only ever as code, where nothing is HTML; the fence is longer than any run of backticks in it.
            assert!(line.contains("``<img onerror=x>\\|`](www.e.x).md``") || line.contains("&lt;img"), "{line}");
        }
    }
}

#[test]
fn what_looks_like_an_option_is_a_name() {
    let ground = ground();
    for words in [
        vec!["matrix", "--", "--output=pwned", "main"],
        vec!["matrix", "--", "--upload-pack=touch pwned", "main"],
        vec!["show", "--", "--output=pwned", "a"],
        vec!["report", "--pr=--output=pwned"],
        vec!["add", "x", "--from=--output=pwned"],
        vec!["add", "x", "--adopt=--output=pwned"],
        vec!["owner", "--", "--output=pwned"],
        vec!["check", "--", "--output=pwned"],
        vec!["checkpoint", "restore", "a@1", "--", "--output=pwned"],
        vec!["init", "--", "-x"],
        vec!["init", "y", "--target=--output=pwned"],
    ] {
        ground.run_words(&ground.shop(), &words);
        let outside = [ground.shop(), ground.root.clone(), ground.track("a"), ground.track("b")];
        assert!(!outside.iter().any(|folder| folder.join("pwned").exists()), "{words:?}");
    }
    let branches = ground.git("branch --format=%(refname:short)");
    assert!(!branches.lines().any(|branch| branch.starts_with('-')), "{branches}");
}

#[test]
fn no_worktree_is_made_where_it_could_do_harm() {
    let ground = Ground::new();
    let outside = ground.root.join("outside");
    fs::create_dir(&outside).expect("made");
    symlink(&outside, ground.shop().join("link")).expect("linked");
    let folders = [
        ".git/hooks/{track}",
        "src/.GIT/{track}",
        "a/git~1/{track}",
        "a/.git./{track}",
        "a/.git /{track}",
        "a/.g\u{200c}it/{track}",
        "a/.git::$INDEX_ALLOCATION/{track}",
        "a/../../../{track}",
        "../../{track}",
        "link/{track}",
        "../outside/../../{track}",
        "a/./{track}",
        "a\\\\..\\\\{track}",
        "a\u{202e}/{track}",
        "a\u{1b}[41m/{track}",
        "x\\u0000/{track}",
    ];
    for folder in folders {
        ground.write("tracks.toml", &format!("[naming]\ndirectory = \"{}\"\n[tracks.t]\n", folder));
        let said = ground.run("init --no-hooks");
        let made = ground.git("worktree list --porcelain").matches("worktree ").count();
        assert!(made == 1 && said.contains("-- exit 2"), "{folder}: {said}");
    }
    for branch in ["-x", "HEAD", "@", "a..b", "refs/heads/../x", "x.lock", "a b", "x\\u0000"] {
        ground.write("tracks.toml", &format!("[tracks.t]\nbranch = \"{branch}\"\n"));
        assert!(ground.run("init --no-hooks").contains("-- exit 2"), "{branch}");
    }
    assert_eq!(fs::read_dir(&outside).expect("a folder").count(), 0);
}

#[test]
fn a_forged_entry_of_a_worktree_costs_nobody_anything() {
    let ground = Ground::with_tracks();
    let shop = ground.shop();
    let victims = ["bare folder", "repository", "leads elsewhere", "leads back"].map(|name| ground.root.join(name));
    for (at, victim) in victims.iter().enumerate() {
        write(&victim.join("precious"), "x\n");
        let entry = shop.join(format!(".git/worktrees/forged{at}"));
        write(&entry.join("gitdir"), &format!("{}/.git\n", victim.display()));
        write(&entry.join("commondir"), "../..\n");
        let head = if at == 0 { "ref: refs/heads/feature/track-a\n".to_owned() } else { ground.git("rev-parse main") };
        write(&entry.join("HEAD"), &head);
    }
    ground.git_in(&victims[1], "init -q");
    write(&victims[2].join(".git"), &format!("gitdir: {}\n", victims[1].join(".git").display()));
    write(&victims[3].join(".git"), &format!("gitdir: {}\n", shop.join(".git/worktrees/forged3").display()));
    for command in ["prune --yes", "remove a", "remove b --branch", "list", "sync", "deinit"] {
        ground.run(command);
    }
    for victim in victims {
        assert!(victim.join("precious").is_file(), "{}", victim.display());
    }
}

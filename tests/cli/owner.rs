//! `tracks owner`: who owns a path, and which line says so.

use std::io::Write;
use std::process::Stdio;

use snapbox::{assert_data_eq, str};

use crate::support::Ground;

fn owned() -> Ground {
    let ground = Ground::new();
    let policy = "[tracks.a]\nowns = [\n  'src/**',\n  '!src/free',\n]\n[tracks.b]\nowns = ['src/both', 'web/']\n\
                  [shared.z]\npaths = ['src/shared/**']\nsteward = 'b'\n";
    ground.write("tracks.toml", policy);
    ground.git("add .");
    ground.git("commit -q -m policy");
    ground
}

#[test]
fn the_line_that_decides() {
    let ground = owned();
    let said = ground.run("owner src/x src/free src/both src/shared/y web/z ./README.md");
    assert_data_eq!(
        said,
        str![[r#"
main:tracks.toml:3	src/**	a	src/x
			src/free
main:tracks.toml:3	src/**	a	src/both
main:tracks.toml:7	src/both	b	src/both
main:tracks.toml:9	src/shared/**	z (steward b)	src/shared/y
main:tracks.toml:7	web/	b	web/z
			README.md

"#]]
    );
    assert_data_eq!(
        ground.run("owner src/both --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "owner",
  "owners": [
    {
      "path": "src/both",
      "track": "a",
      "zone": null,
      "pattern": "src/**",
      "source": "main:tracks.toml:3"
    },
    {
      "path": "src/both",
      "track": "b",
      "zone": null,
      "pattern": "src/both",
      "source": "main:tracks.toml:7"
    }
  ]
}

"#]]
    );
}

#[test]
fn paths_from_standard_input_byte_for_byte() {
    let ground = owned();
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    command.args(["owner", "-z", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    child.stdin.take().expect("piped").write_all(b"web/a\nb\xff\0src/x\0").expect("written");
    let output = child.wait_with_output().expect("it ends");
    let expected: &[u8] = b"main:tracks.toml:7\0web/\0b\0web/a\nb\xff\0main:tracks.toml:3\0src/**\0a\0src/x\0";
    assert_eq!(output.stdout, expected);
}

#[test]
fn refusals() {
    let ground = owned();
    assert_data_eq!(
        ground.refused("owner"),
        str![[r#"
-- stderr
error: the following required arguments were not provided:
  <PATH>...

Usage: tracks owner <PATH>...

For more information, try '--help'.
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("owner ../x"),
        str![[r#"
-- stderr
tracks: `../x` lies outside the repository
  hint: name paths from the folder you are in
-- exit 2

"#]]
    );
}

#[test]
fn paths_are_from_the_folder_one_is_in() {
    let ground = owned();
    ground.write("web/deep/x", "x\n");
    let web = ground.shop().join("web");
    let absolute = web.join("abs").display().to_string();
    assert_data_eq!(
        ground.run_words(&web, &["owner", "a", "./deep/", "../src/x", &absolute]),
        str![[r#"
main:tracks.toml:7	web/	b	web/a
main:tracks.toml:7	web/	b	web/deep
main:tracks.toml:3	src/**	a	src/x
main:tracks.toml:7	web/	b	web/abs

"#]]
    );
    assert_data_eq!(
        ground.run_words(&ground.root, &["-C", "shop/web", "owner", "a"]),
        str![[r#"
main:tracks.toml:7	web/	b	web/a

"#]]
    );
    assert_data_eq!(
        ground.run_words(&web, &["owner", ".."]),
        str![[r#"
-- stderr
tracks: who owns the root depends on what is in it
  hint: name a file or a folder below it
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.run_words(&web, &["owner", "../../\u{1b}[31m"]),
        str![[r#"
-- stderr
tracks: `../..//x1b[31m` lies outside the repository
  hint: name paths from the folder you are in
-- exit 2

"#]]
    );
}

#[test]
fn what_is_odd_is_listed() {
    let ground = owned();
    ground.write("src/both/x", "x\n");
    ground.git("add .");
    ground.git("commit -q -m more");
    assert_data_eq!(
        ground.run("owner --lint"),
        str![[r#"
Patterns that match nothing
  !src/free  main:tracks.toml:4
  web/  main:tracks.toml:7
  src/shared/**  main:tracks.toml:9

Files with several owners
  1 file, such as src/both/x
    a  src/**  main:tracks.toml:3
    b  src/both  main:tracks.toml:7

Files that nobody owns
       2  (root)

3 dead patterns, 1 overlap, 2 of 4 files unowned

"#]]
    );
    assert_data_eq!(
        ground.run("owner --lint --fail-on warn --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "owner",
  "lint": {
    "files": 4,
    "dead": [
      {
        "pattern": "!src/free",
        "source": "main:tracks.toml:4"
      },
      {
        "pattern": "web/",
        "source": "main:tracks.toml:7"
      },
      {
        "pattern": "src/shared/**",
        "source": "main:tracks.toml:9"
      }
    ],
    "overlaps": [
      {
        "patterns": [
          {
            "track": "a",
            "pattern": "src/**",
            "source": "main:tracks.toml:3"
          },
          {
            "track": "b",
            "pattern": "src/both",
            "source": "main:tracks.toml:7"
          }
        ],
        "example": "src/both/x",
        "files": 1
      }
    ],
    "unowned": [
      {
        "folder": null,
        "files": 2
      }
    ]
  }
}
-- exit 1

"#]]
    );
}

#[test]
fn codeowners_are_read_in() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.refused("owner --import codeowners"),
        str![[r#"
-- stderr
tracks: there is no CODEOWNERS on `main`
  hint: it is looked for in .github/CODEOWNERS, .gitlab/CODEOWNERS, CODEOWNERS and docs/CODEOWNERS
-- exit 2

"#]]
    );
    let text = "* @org/core\n/docs/ @org/writers\nsrc/* @alice @bob\n!x @core\n";
    ground.write(".github/CODEOWNERS", text);
    ground.git("add .");
    ground.git("commit -q -m owners");
    let said = ground.run("owner --import codeowners");
    assert_data_eq!(
        &said,
        str![[r##"
# From `.github/CODEOWNERS`: a track for each owner.
# line 3 names 2 owners: each of their tracks owns it, which `ownership.overlap` reports
# line 4 is left out: `!x` begins with `!`, which CODEOWNERS does not know

[tracks.alice]
agent = "@alice"
owns = [
    "src/*",
    "!src/*/",
]

[tracks.bob]
agent = "@bob"
owns = [
    "src/*",
    "!src/*/",
]

[tracks.core]
agent = "@org/core"
owns = [
    "*",
    "!/docs/",
    "!src/*",
    "src/*/",
]

[tracks.writers]
agent = "@org/writers"
owns = ["/docs/"]
-- stderr
.github/CODEOWNERS:3 names 2 owners: each of their tracks owns it, which `ownership.overlap` reports
.github/CODEOWNERS:4 is left out: `!x` begins with `!`, which CODEOWNERS does not know

"##]]
    );
    let tables = said.split("-- stderr").next().expect("an answer");
    ground.write("tracks.toml", tables);
    assert_data_eq!(
        ground.run("owner docs/x src/y src/deep/z README"),
        str![[r#"
tracks.toml:30	/docs/	writers	docs/x
tracks.toml:8	src/*	alice	src/y
tracks.toml:15	src/*	bob	src/y
tracks.toml:25	src/*/	core	src/deep/z
tracks.toml:22	*	core	README

"#]]
    );
}

#[test]
fn paths_change_hands() {
    let ground = owned();
    let before = ground.state();
    assert_data_eq!(
        ground.run("owner --give src/api/** --to b --dry-run"),
        str![[r#"
would add `!src/api/**`  to tracks.a.owns
would add `src/api/**`  to tracks.b.owns

"#]]
    );
    ground.assert_unchanged(&before);
    assert_data_eq!(
        ground.run("owner --give src/api/** --to b"),
        str![[r#"
added `!src/api/**`  to tracks.a.owns
added `src/api/**`  to tracks.b.owns
-- stderr
next: git add tracks.toml && git commit -m 'Give b what it works on'

"#]]
    );
    assert_data_eq!(
        ground.read("tracks.toml"),
        str![[r#"
[tracks.a]
owns = [
  'src/**',
  '!src/free',
  "!src/api/**",
]
[tracks.b]
owns = ['src/both', 'web/', "src/api/**"]
[shared.z]
paths = ['src/shared/**']
steward = 'b'

"#]]
    );
    ground.git("commit -q -a -m given");
    assert_data_eq!(
        ground.run("owner src/api/x src/y"),
        str![[r#"
main:tracks.toml:8	src/api/**	b	src/api/x
main:tracks.toml:3	src/**	a	src/y

"#]]
    );
    assert_data_eq!(
        ground.refused("owner --give src/shared/ --to a"),
        str![[r#"
-- stderr
tracks: `src/shared/new` lies in the shared zone `z`, which wins over `owns`
  hint: take it out of `shared.z.paths` first
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("owner --give x --to nobody"),
        str![[r#"
-- stderr
tracks: there is no track `nobody`
  hint: declared are `a` and `b`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("owner --give x"),
        str![[r#"
-- stderr
error: the following required arguments were not provided:
  --to <T>

Usage: tracks owner --give <GLOB> --to <T> [PATH]...

For more information, try '--help'.
-- exit 2

"#]]
    );
}

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

//! The manual pages in `man/` are those of the command line; `SNAPSHOTS=overwrite cargo test` writes them anew.

use std::collections::BTreeSet;
use std::path::Path;

use snapbox::{Data, IntoData, assert_data_eq};

/// The page of a command, and those of its subcommands, by file name.
fn pages(command: &clap::Command, name: &str, found: &mut Vec<(String, String)>) {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).title(name.to_uppercase()).render(&mut page).expect("in memory");
    found.push((format!("{name}.1"), String::from_utf8(page).expect("UTF-8")));
    for below in command.get_subcommands() {
        pages(below, &format!("{name}-{}", below.get_name()), found);
    }
}

#[test]
fn the_manual_is_that_of_the_command_line() {
    let mut command = tracks::commands::command_line();
    command.build();
    let mut found = Vec::new();
    pages(&command, "tracks", &mut found);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    for (name, page) in &found {
        assert_data_eq!(page.clone().raw(), Data::read_from(&folder.join(name), None).raw());
    }
    let written: BTreeSet<String> = std::fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    assert_eq!(written, found.into_iter().map(|(name, _)| name).collect());
}

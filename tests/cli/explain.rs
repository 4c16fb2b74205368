//! `tracks explain`: what a rule means.

use snapbox::{assert_data_eq, str};

use crate::support::Ground;

#[test]
fn one_rule_in_full_and_all_of_them_briefly() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.run("explain migration.duplicate"),
        str![[r#"
migration.duplicate  error
  means  two migrations have one version, or one name where names must differ
  why    git merges both without a conflict, and only the framework stumbles
  cure   `tracks migration renumber TRACK`

"#]]
    );
    assert_eq!(
        ground.run("explain").lines().next().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")),
        Some("conflict.content two tracks, or a track and the target, changed the same lines".to_owned())
    );
    assert_data_eq!(
        ground.refused("explain ownership.foriegn"),
        str![[r#"
-- stderr
tracks: there is no rule `ownership.foriegn`
  hint: did you mean `ownership.foreign`?
-- exit 2

"#]]
    );
}

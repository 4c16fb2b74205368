//! `tracks demo`: the main job on a repository of its own.

use snapbox::{assert_data_eq, str};

use crate::support::Ground;

#[test]
fn the_report_is_the_expected_one_without_any_identity() {
    let ground = Ground::new();
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.root);
    for name in ["AUTHOR", "COMMITTER"] {
        command.env_remove(format!("GIT_{name}_NAME")).env_remove(format!("GIT_{name}_EMAIL"));
    }
    let output = command.args(["demo", "new folder"]).output().expect("it runs");
    assert_data_eq!(
        ground.said(&output),
        str![[r#"
main 28a098740e, 3 tracks, git [GIT]

  track      state       ahead  uncommitted  conflicts with
  pipeline   working         1            1
  registry   conflicted      1               templates
  templates  conflicted      1               registry

Conflicts
registry and templates
  api/server.ts  content
       registry                                        │    templates
    3  import { listAgents } from "./agents/registry"; │ 3  import { render } from "../builder/render";
       ⋮                                               │    ⋮
    8    "/agents": listAgents,                        │ 8    "/templates/:id": render,
  cure: agree who changes it; look at both sides with `tracks show registry templates`

Errors
  templates, registry  migration.duplicate  supabase/migrations/20241002090000_template_fields.sql
    version `20241002090000` is also that of `supabase/migrations/20241002090000_agent_registry.sql` of `registry`: supabase refuses to run (the version is a primary key, and the second insert fails)
    cure: `tracks migration renumber templates` (rename to a later timestamp; --include-all only by decision)
  pipeline, registry  ownership.foreign  api/agents/types.ts
    belongs to `registry` (`api/agents/**`, `tracks.registry.owns[0]`); `pipeline` changed it
    cure: ask `registry` to make the change, or `git restore --source=main -- api/agents/types.ts`
  pipeline  size.lines  packages/shared/search.ts:301-340
    340 lines where 300 are allowed
    cure: split the file

Integration refs/tracks/integration/main 741045db26
  merged    registry, pipeline
  held out  templates: conflicts with registry in api/server.ts
              meet: 8e896a831f Register agents and a1c63966b3 Give templates fields

4 errors, all new; 5 of 6 pairs clean; integration holds registry, pipeline; held out: templates
next: tracks show registry templates
-- stderr

The repository is in [ROOT]/new folder; remove the folder and it is gone. Try there:
  cd [ROOT]/new folder
  tracks list                       how every track stands
  tracks matrix                     which pairs conflict
  tracks show registry templates    both sides of the conflict
  tracks owner api/agents/types.ts  whose file it is
  tracks report --pr feature/phase-1-track-registry

"#]]
    );
    let again = ground.run_in(&ground.root, "demo shop");
    assert_data_eq!(
        again,
        str![[r#"
-- stderr
tracks: `shop` is there already, and not empty
  hint: name another folder, or none for a temporary one
-- exit 2

"#]]
    );
}

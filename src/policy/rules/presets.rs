//! Every preset with names as they are in real repositories: one that is right, one that is not, two of one key, and one
//! that comes too late. Only a test.

use super::testing::Bench;
use crate::policy::migrations::preset::presets;

/// The preset, the newest on the target, what a track adds, and what is found there: rule by rule.
type Row = (&'static str, &'static str, &'static str, &'static [&'static str]);

const NOTHING: &[&str] = &[];
const NAME: &[&str] = &["error migration.name"];
const TWICE: &[&str] = &["error migration.duplicate"];
const REFUSED: &[&str] = &["error migration.late"];
const OUT_OF_ORDER: &[&str] = &["warn migration.late"];

/// In the order: good, bad, duplicate, late.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("sqlx", "migrations/20240901120000_init.sql", "migrations/20241001120000_add_users.sql", NOTHING),
    ("sqlx", "migrations/20240901120000_init.sql", "migrations/add_users.sql", NAME),
    ("sqlx", "migrations/20240901120000_init.sql", "migrations/20240901120000_add_users.sql", TWICE),
    ("sqlx", "migrations/20240901120000_init.sql", "migrations/20240801120000_add_users.sql", OUT_OF_ORDER),
    ("diesel", "migrations/2024-09-01-120000_init/up.sql", "migrations/2024-10-01-120000_add_users/up.sql", NOTHING),
    ("diesel", "migrations/2024-09-01-120000_init/up.sql", "migrations/add_users/up.sql", NAME),
    ("diesel", "migrations/2024-09-01-120000_init/up.sql", "migrations/20240901120000_add_users/up.sql", TWICE),
    ("diesel", "migrations/2024-09-01-120000_init/up.sql", "migrations/2024-08-01-120000_add_users/up.sql", OUT_OF_ORDER),
    ("sea-orm", "migration/src/m20240901_000001_init.rs", "migration/src/m20241001_000001_add_users.rs", NOTHING),
    ("sea-orm", "migration/src/m20240901_000001_init.rs", "migration/src/m20241001_add_users.rs", NAME),
    ("sea-orm", "migration/src/m20240901_000001_init.rs", "migration/src/m20240801_000001_add_users.rs", OUT_OF_ORDER),
    ("refinery", "migrations/V7__init.sql", "migrations/V8__add_users.sql", NOTHING),
    ("refinery", "migrations/V7__init.sql", "migrations/V8_add_users.sql", NAME),
    ("refinery", "migrations/V7__init.sql", "migrations/V7__add_users.sql", TWICE),
    ("refinery", "migrations/V7__init.sql", "migrations/V6__add_users.sql", REFUSED),
    ("flyway", "src/main/resources/db/migration/V1.9__init.sql", "src/main/resources/db/migration/V1.10__add_users.sql", NOTHING),
    ("flyway", "src/main/resources/db/migration/V1.9__init.sql", "src/main/resources/db/migration/R__users_view.sql", NOTHING),
    ("flyway", "src/main/resources/db/migration/V1.9__init.sql", "src/main/resources/db/migration/V2_add_users.sql", NAME),
    ("flyway", "src/main/resources/db/migration/V1.9__init.sql", "src/main/resources/db/migration/V1_9_0__add_users.sql", TWICE),
    ("flyway", "src/main/resources/db/migration/V1.9__init.sql", "src/main/resources/db/migration/V1.8__add_users.sql", REFUSED),
    ("rails", "db/migrate/20240901120000_init.rb", "db/migrate/20241001120000_create_users.rb", NOTHING),
    ("rails", "db/migrate/20240901120000_init.rb", "db/migrate/20241001120000_createUsers.rb", NAME),
    ("rails", "db/migrate/20240901120000_init.rb", "db/migrate/20240901120000_create_users.rb", TWICE),
    ("rails", "db/migrate/20240901120000_init.rb", "db/migrate/20241001120000_init.rb", TWICE),
    ("rails", "db/migrate/20240901120000_init.rb", "db/migrate/20240801120000_create_users.rb", OUT_OF_ORDER),
    ("django", "shop/migrations/0001_initial.py", "shop/migrations/0002_users.py", &["error migration.heads"]),
    ("django", "shop/migrations/0001_initial.py", "shop/migrations/__init__.py", NOTHING),
    ("alembic", "alembic/versions/ae1027a6acf_init.py", "alembic/versions/be1027a6acf_users.py", &["error migration.heads"]),
    ("alembic", "alembic/versions/ae1027a6acf_init.py", "alembic/versions/__init__.py", NOTHING),
    ("prisma", "prisma/migrations/20240901120000_init/migration.sql", "prisma/migrations/20241001120000_users/migration.sql", NOTHING),
    ("prisma", "prisma/migrations/20240901120000_init/migration.sql", "prisma/migrations/users/migration.sql", NAME),
    ("prisma", "prisma/migrations/20240901120000_init/migration.sql", "prisma/migrations/20240801120000_users/migration.sql", OUT_OF_ORDER),
    ("drizzle", "drizzle/0003_even_cyclops.sql", "drizzle/0004_odd_hulk.sql", NOTHING),
    ("drizzle", "drizzle/0003_even_cyclops.sql", "drizzle/odd_hulk.sql", NAME),
    ("drizzle", "drizzle/0003_even_cyclops.sql", "drizzle/0003_odd_hulk.sql", TWICE),
    ("drizzle", "drizzle/0003_even_cyclops.sql", "drizzle/0002_odd_hulk.sql", REFUSED),
    ("knex", "migrations/20240901120000_init.ts", "migrations/20241001120000_users.ts", NOTHING),
    ("knex", "migrations/20240901120000_init.ts", "migrations/2024_users.ts", NAME),
    ("knex", "migrations/20240901120000_init.ts", "migrations/20240801120000_users.ts", OUT_OF_ORDER),
    ("typeorm", "src/migrations/1725192000000-Init.ts", "src/migrations/1727784000000-CreateUser.ts", NOTHING),
    ("typeorm", "src/migrations/1725192000000-Init.ts", "src/migrations/1727784000-CreateUser.ts", NAME),
    ("typeorm", "src/migrations/1725192000000-Init.ts", "src/migrations/1722513600000-CreateUser.ts", OUT_OF_ORDER),
    ("goose", "db/migrations/00039_init.sql", "db/migrations/00040_users.sql", NOTHING),
    ("goose", "db/migrations/00039_init.sql", "db/migrations/users.sql", NAME),
    ("goose", "db/migrations/00039_init.sql", "db/migrations/39_users.sql", TWICE),
    ("goose", "db/migrations/00039_init.sql", "db/migrations/00038_users.sql", REFUSED),
    ("golang-migrate", "migrations/000088_init.up.sql", "migrations/000089_users.down.sql", &["error migration.pair"]),
    ("golang-migrate", "migrations/000088_init.up.sql", "migrations/000089_users.sql", NAME),
    ("golang-migrate", "migrations/000088_init.up.sql", "migrations/88_users.up.sql", &["error migration.duplicate", "error migration.pair"]),
    ("golang-migrate", "migrations/000088_init.up.sql", "migrations/000087_users.up.sql", &["error migration.late", "error migration.pair"]),
    ("dbmate", "db/migrations/20240901120000_init.sql", "db/migrations/20241001120000_users.sql", NOTHING),
    ("dbmate", "db/migrations/20240901120000_init.sql", "db/migrations/users.sql", NAME),
    ("dbmate", "db/migrations/20240901120000_init.sql", "db/migrations/20240901120000_users.sql", TWICE),
    ("dbmate", "db/migrations/20240901120000_init.sql", "db/migrations/20240801120000_users.sql", OUT_OF_ORDER),
    ("supabase", "supabase/migrations/20241001_trackA_agent_registry_core.sql", "supabase/migrations/20241001000001_agent_registry_tables.sql", NOTHING),
    ("supabase", "supabase/migrations/20241001000001_agent_registry_tables.sql", "supabase/migrations/agent_registry.sql", NAME),
    ("supabase", "supabase/migrations/20241001000001_agent_registry_tables.sql", "supabase/migrations/20241001000001_template_fields.sql", TWICE),
    ("supabase", "supabase/migrations/20241001000001_agent_registry_tables.sql", "supabase/migrations/20240901000001_template_fields.sql", REFUSED),
    ("atlas", "migrations/20240901120000_init.sql", "migrations/20241001120000_users.sql", NOTHING),
    ("atlas", "migrations/20240901120000_init.sql", "migrations/users.sql", NAME),
    ("atlas", "migrations/20240901120000_init.sql", "migrations/20240901120000_users.sql", TWICE),
    ("atlas", "migrations/20240901120000_init.sql", "migrations/20240801120000_users.sql", REFUSED),
    ("laravel", "database/migrations/2024_09_01_120000_create_jobs_table.php", "database/migrations/2024_10_01_120000_create_users_table.php", NOTHING),
    ("laravel", "database/migrations/2024_09_01_120000_create_jobs_table.php", "database/migrations/20241001_create_users_table.php", NAME),
    ("laravel", "database/migrations/2024_09_01_120000_create_jobs_table.php", "database/migrations/2024_08_01_120000_create_users_table.php", OUT_OF_ORDER),
    ("efcore", "Data/Migrations/20240901120000_Init.cs", "Data/Migrations/20241001120000_Users.cs", &["error migration.pair"]),
    ("efcore", "Data/Migrations/20240901120000_Init.cs", "Data/Migrations/20241001_Users.cs", NAME),
    ("efcore", "Data/Migrations/20240901120000_Init.cs", "Data/Migrations/20240801120000_Users.cs", &["error migration.pair", "warn migration.late"]),
    ("ecto", "priv/repo/migrations/20240901120000_init.exs", "priv/repo/migrations/20241001120000_create_users.exs", NOTHING),
    ("ecto", "priv/repo/migrations/20240901120000_init.exs", "priv/repo/migrations/20241001120000_create_users.ex", NAME),
    ("ecto", "priv/repo/migrations/20240901120000_init.exs", "priv/repo/migrations/20240901120000_create_users.exs", TWICE),
    ("ecto", "priv/repo/migrations/20240901120000_init.exs", "priv/repo/migrations/20241001120000_init.exs", TWICE),
    ("ecto", "priv/repo/migrations/20240901120000_init.exs", "priv/repo/migrations/20240801120000_create_users.exs", OUT_OF_ORDER),
    ("kysely", "src/migrations/20240125110000_feature_a.ts", "src/migrations/20240225110000_feature_b.ts", NOTHING),
    ("kysely", "src/migrations/20240125110000_feature_a.ts", "src/migrations/2024-02-25_feature_b.ts", REFUSED),
    ("kysely", "src/migrations/20240125110000_feature_a.ts", "src/migrations/20240124110000_feature_b.ts", REFUSED),
    ("tracks", "db/migrations/20240901_a_core.sql", "db/migrations/20241001093000_a_agent_registry_core.sql", NOTHING),
    ("tracks", "db/migrations/20240901_a_core.sql", "db/migrations/20241001_trackA_x.sql", NAME),
    ("tracks", "db/migrations/20240901_a_core.sql", "db/migrations/20240901_a_more.sql", TWICE),
    ("tracks", "db/migrations/20240901_a_core.sql", "db/migrations/20240801_a_more.sql", REFUSED),
];

#[test]
fn every_preset_with_real_names() {
    for (preset, landed, added, expected) in ROWS {
        let mut bench = Bench::new(&format!("[tracks.a]\n[rules.migrations]\npreset = '{preset}'\n"));
        bench.target_file(landed, "");
        bench.change("a", added, (None, Some("")));
        let shown = bench.findings();
        let mut found: Vec<String> = shown.iter().map(|f| format!("{} {}", f.severity.name(), f.rule)).collect();
        found.sort();
        // A version that is taken is no later than the newest, either; that it is taken is what matters.
        assert_eq!(found, *expected, "{preset} {landed} {added}");
    }
}

#[test]
fn no_preset_is_left_out() {
    for name in presets().keys() {
        assert!(ROWS.iter().any(|(preset, ..)| preset == name), "{name}");
    }
}

#[test]
fn two_tracks_with_one_key_and_what_comes_of_it() {
    let table = [
        ("goose", "db/migrations/00040_a.sql", "db/migrations/40_b.sql", "goose refuses to run"),
        (
            "diesel",
            "migrations/2024-10-01-120000_a/up.sql",
            "migrations/20241001120000_b/up.sql",
            "diesel skips one of them silently",
        ),
        ("drizzle", "drizzle/0004_a.sql", "drizzle/0004_b.sql", "drizzle runs both"),
        (
            "dbmate",
            "db/migrations/20241001120000_a.sql",
            "db/migrations/20241001120000_b.sql",
            "dbmate skips one of them silently",
        ),
    ];
    for (preset, a, b, expected) in table {
        let mut bench = Bench::new(&format!("[tracks.a]\n[tracks.b]\n[rules.migrations]\npreset = '{preset}'\n"));
        bench.adds("a", &[a]);
        bench.adds("b", &[b]);
        let findings = bench.findings();
        assert_eq!(findings.len(), 1, "{preset}: {findings:?}");
        assert!(findings[0].message.contains(expected), "{preset}: {}", findings[0].message);
        assert_eq!(findings[0].tracks.len(), 2, "{preset}");
    }
}

#[test]
fn an_unknown_word_is_never_read_as_a_track() {
    let policy = "
        [tracks.a]
        [tracks.agent]
        [rules.migrations]
        preset = 'supabase'
        token = 'track{TRACK}'
    ";
    let names = ["20241001_trackA_agent_registry_core.sql", "20241001000001_agent_registry_tables.sql"];
    for name in names {
        let mut bench = Bench::new(policy);
        bench.adds("a", &[&format!("supabase/migrations/{name}")]);
        assert_eq!(bench.shown(), [""; 0], "{name}");
    }
    let mut bench = Bench::new(&policy.replace("track{TRACK}", "{track}"));
    bench.adds("a", &["supabase/migrations/20241001000001_registry_tables.sql"]);
    assert_eq!(bench.shown(), [""; 0]);
}

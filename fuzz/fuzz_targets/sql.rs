//! SQL of migrations: any text has statements, in order and within its lines, or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::policy::config::model::Dialect;
use tracks::policy::sql;

const DIALECTS: [Option<Dialect>; 6] = [
    None,
    Some(Dialect::Postgres),
    Some(Dialect::Mysql),
    Some(Dialect::Sqlite),
    Some(Dialect::Mssql),
    Some(Dialect::Oracle),
];

fuzz_target!(|text: &str| {
    let lines = text.lines().count().max(1) as u32;
    for dialect in DIALECTS {
        for act in sql::acts(text, dialect) {
            assert!(act.lines.first >= 1 && act.lines.first <= act.lines.last && act.lines.last <= lines, "{act:?}");
        }
    }
});

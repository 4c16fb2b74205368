//! Which database objects the statements of a migration create, alter, index or drop. Reads text; a statement that is
//! not understood is handed out as such.

use std::borrow::Cow;

use sqlparser::ast::{AlterTableOperation, ObjectName, ObjectType, RenameTableNameKind, Statement};
use sqlparser::dialect::{
    Dialect as Grammar, GenericDialect, MsSqlDialect, MySqlDialect, OracleDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::model::LineRange;
use crate::policy::config::model::Dialect;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Where it stands.
    pub lines: LineRange,
    /// What it does, as far as that can be told.
    pub effect: Effect,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It touches these objects; none where it is about data alone.
    Touches(Vec<Touch>),
    /// Its grammar is not known.
    Unparsed,
    /// It runs code that is not looked into, or does something to objects that cannot be told.
    Opaque(&'static str),
}

/// An object that is created, altered, indexed or dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// What it is: `table`, `index`.
    pub noun: &'static str,
    /// Its name, in lower case, with its schema where that is written.
    pub name: String,
    /// The table it belongs to, where that is written.
    pub table: Option<String>,
    /// What is done to it: `creates`, `drops`.
    pub verb: &'static str,
}

/// What the verb of a touch is where columns are added and nothing else is done.
pub const ADDS_COLUMNS: &str = "adds columns to";

/// The statements of a text. Without a dialect the one that understands most of them counts.
pub fn acts(text: &str, dialect: Option<Dialect>) -> Vec<Act> {
    let named: Vec<&dyn Grammar> = match dialect {
        Some(Dialect::Postgres) => vec![&PostgreSqlDialect {}],
        Some(Dialect::Mysql) => vec![&MySqlDialect {}],
        Some(Dialect::Sqlite) => vec![&SQLiteDialect {}],
        Some(Dialect::Mssql) => vec![&MsSqlDialect {}],
        Some(Dialect::Oracle) => vec![&OracleDialect {}],
        None => vec![&GenericDialect {}, &PostgreSqlDialect {}, &MySqlDialect {}, &SQLiteDialect {}, &MsSqlDialect {}],
    };
    let unclear = |acts: &Vec<Act>| acts.iter().filter(|act| act.effect == Effect::Unparsed).count();
    let mut best: Option<Vec<Act>> = None;
    for grammar in named {
        let acts = acts_in(text, grammar);
        if best.as_ref().is_none_or(|best| unclear(&acts) < unclear(best)) {
            best = Some(acts);
        }
        if best.as_ref().is_some_and(|best| unclear(best) == 0) {
            break;
        }
    }
    best.unwrap_or_default()
}

fn acts_in(text: &str, grammar: &dyn Grammar) -> Vec<Act> {
    let whole = LineRange { first: 1, last: line(text.lines().count() as u64).max(1) };
    let Ok(tokens) = Tokenizer::new(grammar, text).tokenize_with_location() else {
        return vec![Act { lines: whole, effect: Effect::Unparsed }];
    };
    let mut parser = Parser::new(grammar).with_tokens_with_locations(tokens);
    let mut acts = Vec::new();
    loop {
        while parser.peek_token().token == Token::SemiColon {
            parser.next_token();
        }
        let start = parser.peek_token();
        if start.token == Token::EOF {
            return acts;
        }
        let parsed = parser.parse_statement();
        let ends = matches!(parser.peek_token().token, Token::SemiColon | Token::EOF);
        let effect = match parsed {
            Ok(statement) if ends => effect(&statement),
            _ => {
                while !matches!(parser.peek_token().token, Token::SemiColon | Token::EOF) {
                    parser.next_token();
                }
                Effect::Unparsed
            }
        };
        let end = match parser.peek_token() {
            end if end.token == Token::EOF => u64::from(whole.last),
            end => end.span.start.line,
        };
        let first = line(start.span.start.line);
        acts.push(Act { lines: LineRange { first, last: line(end).max(first) }, effect });
    }
}

fn line(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn effect(statement: &Statement) -> Effect {
    match touches(statement) {
        Some(touches) => Effect::Touches(touches),
        None if is_about_data(statement) => Effect::Touches(Vec::new()),
        None => Effect::Opaque(opaque(statement)),
    }
}

/// What a statement does to objects that have names; `None` where it is of another kind.
fn touches(statement: &Statement) -> Option<Vec<Touch>> {
    let one = |noun, name: &ObjectName, verb| Some(vec![Touch { noun, name: named(name), table: None, verb }]);
    let part = |noun, name: String, table: &ObjectName, verb| {
        Some(vec![Touch { noun, name, table: Some(named(table)), verb }])
    };
    match statement {
        Statement::CreateTable(table) if table.temporary => Some(vec![]),
        Statement::CreateTable(table) => one("table", &table.name, "creates"),
        Statement::CreateVirtualTable { name, .. } => one("table", name, "creates"),
        Statement::CreateView(view) => one("view", &view.name, "creates"),
        Statement::CreateIndex(index) => {
            part("index", index.name.as_ref().map(named).unwrap_or_default(), &index.table_name, "creates")
        }
        Statement::CreatePolicy(policy) => part("policy", lower(&policy.name.value), &policy.table_name, "creates"),
        Statement::AlterPolicy(policy) => part("policy", lower(&policy.name.value), &policy.table_name, "alters"),
        Statement::DropPolicy(policy) => part("policy", lower(&policy.name.value), &policy.table_name, "drops"),
        Statement::CreateTrigger(trigger) => part("trigger", named(&trigger.name), &trigger.table_name, "creates"),
        Statement::DropTrigger(trigger) => Some(vec![Touch {
            noun: "trigger",
            name: named(&trigger.trigger_name),
            table: trigger.table_name.as_ref().map(named),
            verb: "drops",
        }]),
        Statement::CreateFunction(function) => one("function", &function.name, "creates"),
        Statement::CreateProcedure { name, .. } => one("procedure", name, "creates"),
        Statement::CreateType { name, .. } => one("type", name, "creates"),
        Statement::CreateDomain(domain) => one("type", &domain.name, "creates"),
        Statement::CreateSequence { name, .. } => one("sequence", name, "creates"),
        Statement::AlterTable(table) => Some(altered(&table.name, &table.operations)),
        Statement::AlterIndex { name, .. } => one("index", name, "alters"),
        Statement::AlterView { name, .. } => one("view", name, "alters"),
        Statement::AlterType(kind) => one("type", &kind.name, "alters"),
        Statement::AlterFunction(function) => one("function", &function.function.name, "alters"),
        Statement::DropDomain(domain) => one("type", &domain.name, "drops"),
        Statement::DropFunction(functions) => {
            let drop = |name| Touch { noun: "function", name: named(name), table: None, verb: "drops" };
            Some(functions.func_desc.iter().map(|function| drop(&function.name)).collect())
        }
        Statement::DropProcedure { proc_desc, .. } => {
            let drop = |name| Touch { noun: "procedure", name: named(name), table: None, verb: "drops" };
            Some(proc_desc.iter().map(|procedure| drop(&procedure.name)).collect())
        }
        Statement::Drop { object_type, names, table, .. } => dropped(*object_type, names, table.as_ref()),
        Statement::RenameTable(renames) => {
            let both = renames.iter().flat_map(|rename| [&rename.old_name, &rename.new_name]);
            Some(both.map(|name| Touch { noun: "table", name: named(name), table: None, verb: "renames" }).collect())
        }
        _ => None,
    }
}

fn altered(name: &ObjectName, operations: &[AlterTableOperation]) -> Vec<Touch> {
    let adds = |operation: &AlterTableOperation| matches!(operation, AlterTableOperation::AddColumn { .. });
    let verb = if !operations.is_empty() && operations.iter().all(adds) { ADDS_COLUMNS } else { "alters" };
    let mut touches = vec![Touch { noun: "table", name: named(name), table: None, verb }];
    for operation in operations {
        let AlterTableOperation::RenameTable { table_name } = operation else { continue };
        let (RenameTableNameKind::As(new) | RenameTableNameKind::To(new)) = table_name;
        // A new name without a schema stays in that of the old one.
        let schema = named(name).rsplit_once('.').map(|(schema, _)| schema.to_owned());
        let name = match schema {
            Some(schema) if new.0.len() == 1 => format!("{schema}.{}", named(new)),
            _ => named(new),
        };
        touches.push(Touch { noun: "table", name, table: None, verb: "creates" });
    }
    touches
}

fn dropped(kind: ObjectType, names: &[ObjectName], table: Option<&ObjectName>) -> Option<Vec<Touch>> {
    let noun = match kind {
        ObjectType::Table => "table",
        ObjectType::View | ObjectType::MaterializedView => "view",
        ObjectType::Index => "index",
        ObjectType::Type => "type",
        ObjectType::Sequence => "sequence",
        _ => return None,
    };
    let drop = |name| Touch { noun, name: named(name), table: table.map(named), verb: "drops" };
    Some(names.iter().map(drop).collect())
}

/// Whether a statement changes rows, rights or the session, and no object.
fn is_about_data(statement: &Statement) -> bool {
    matches!(
        statement,
        Statement::Query(_)
            | Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_)
            | Statement::Merge(_)
            | Statement::Copy { .. }
            | Statement::Truncate(_)
            | Statement::Analyze(_)
            | Statement::Set(_)
            | Statement::Reset(_)
            | Statement::Pragma { .. }
            | Statement::Use(_)
            | Statement::Grant(_)
            | Statement::Revoke(_)
            | Statement::Comment { .. }
            | Statement::Explain { .. }
            | Statement::StartTransaction { .. }
            | Statement::Commit { .. }
            | Statement::Rollback { .. }
            | Statement::Savepoint { .. }
            | Statement::ReleaseSavepoint { .. }
            | Statement::Lock(_)
            | Statement::LockTables { .. }
            | Statement::UnlockTables
            | Statement::NOTIFY { .. }
            | Statement::Vacuum(_)
            | Statement::CreateExtension(_)
            | Statement::CreateRole(_)
            | Statement::CreateSchema { .. }
            | Statement::Print(_)
    )
}

fn opaque(statement: &Statement) -> &'static str {
    match statement {
        Statement::Call(_) | Statement::Execute { .. } | Statement::Prepare { .. } => {
            "runs code that is not looked into"
        }
        Statement::If(_) | Statement::While(_) | Statement::Case(_) => "depends on what it finds when it runs",
        _ => "is of a kind that is not judged",
    }
}

fn named(name: &ObjectName) -> String {
    let part = |part: &sqlparser::ast::ObjectNamePart| match part.as_ident() {
        Some(ident) => Cow::Owned(lower(&ident.value)),
        None => Cow::Borrowed("?"),
    };
    name.0.iter().map(part).collect::<Vec<_>>().join(".")
}

fn lower(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Effect, acts};
    use crate::policy::config::model::Dialect;

    /// `first-last verb noun name on table`, each.
    fn shown(text: &str, dialect: Option<Dialect>) -> Vec<String> {
        let acts = acts(text, dialect).into_iter().flat_map(|act| {
            let lines = format!("{}-{}", act.lines.first, act.lines.last);
            match act.effect {
                Effect::Unparsed => vec![format!("{lines} unparsed")],
                Effect::Opaque(why) => vec![format!("{lines} {why}")],
                Effect::Touches(touches) => {
                    let on = |table: Option<String>| table.map_or(String::new(), |table| format!(" on {table}"));
                    let shown =
                        touches.into_iter().map(|t| format!("{lines} {} {} {}{}", t.verb, t.noun, t.name, on(t.table)));
                    shown.collect()
                }
            }
        });
        acts.collect()
    }

    #[test]
    fn objects_are_named_with_what_is_done_to_them() {
        let postgres = Some(Dialect::Postgres);
        let table: &[(&str, Option<Dialect>, &[&str])] = &[
            (
                "create table A (id int);\n\ndrop table if exists b, c.d",
                postgres,
                &["1-1 creates table a", "3-3 drops table b", "3-3 drops table c.d"],
            ),
            ("alter table t add column x int, add column y int;", postgres, &["1-1 adds columns to table t"]),
            ("alter table t add column x int, drop column y;", postgres, &["1-1 alters table t"]),
            ("alter table s.t rename to u;", postgres, &["1-1 alters table s.t", "1-1 creates table s.u"]),
            ("create unique index concurrently i on t (x)", postgres, &["1-1 creates index i on t"]),
            ("drop index i;", postgres, &["1-1 drops index i"]),
            ("drop index i on t;", Some(Dialect::Mysql), &["1-1 drops index i on t"]),
            ("create policy p on t using (true);", postgres, &["1-1 creates policy p on t"]),
            ("alter table t enable row level security;", postgres, &["1-1 alters table t"]),
            (
                "create trigger g before update on t for each row execute function f();",
                postgres,
                &["1-1 creates trigger g on t"],
            ),
            (
                "create or replace function f() returns trigger as $$ begin; drop table x; end $$ language plpgsql;",
                postgres,
                &["1-1 creates function f"],
            ),
            ("create type mood as enum ('a');", postgres, &["1-1 creates type mood"]),
            ("create temporary table x (a int);", postgres, &[]),
            ("insert into t values (1); update t set a = 1; select 1;", postgres, &[]),
            ("begin;\n-- drop table x;\ncommit;", postgres, &[]),
            ("do $$ begin drop table x; end $$;\ndrop table y;", postgres, &["1-1 unparsed", "2-2 drops table y"]),
            ("truncate t;", postgres, &[]),
            ("call p();", postgres, &["1-1 runs code that is not looked into"]),
            ("ALTER TABLE `T` ADD COLUMN x INT AFTER y;", None, &["1-1 adds columns to table t"]),
            ("this is no sql;\ncreate table a (\n  x int\n);", None, &["1-1 unparsed", "2-4 creates table a"]),
            ("select 'no end", None, &["1-1 unparsed"]),
            ("", None, &[]),
        ];
        for (text, dialect, expected) in table {
            assert_eq!(shown(text, *dialect), *expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in r"(create|table|drop|alter|index|on|\(|\)|;|'|\$\$|x|,| |\n|-- |/\*|begin|end|é){0,24}") {
            acts(&text, None);
        }
    }
}

//! `tracks owner`: one line a path with tabs between the fields, as `git check-ignore -v` writes it.

use bstr::ByteSlice;

use super::lines::one_line;
use crate::model::RepoPath;
use crate::report::model::{Owner, shown};

/// `source`, `pattern`, `owner` and `path`, with tabs between them; a field that is not there is empty.
pub fn render(owners: &[Owner]) -> String {
    owners.iter().map(line).collect()
}

/// The same for programs: each field, the last of a row included, ends in a NUL, and nothing is escaped. `paths` are
/// the bytes of each row's path.
pub fn separated(rows: &[(Owner, &RepoPath)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (owner, path) in rows {
        let fields = [owner.source.clone().unwrap_or_default(), owner.pattern.clone().unwrap_or_default(), who(owner)];
        for field in fields.iter().map(String::as_bytes).chain([path.as_bstr().as_bytes()]) {
            out.extend_from_slice(field);
            out.push(0);
        }
    }
    out
}

fn line(owner: &Owner) -> String {
    let field = |field: &Option<String>| field.as_deref().map(one_line).unwrap_or_default();
    let path = shown(&owner.path, owner.path_bytes.as_deref());
    format!("{}\t{}\t{}\t{path}\n", field(&owner.source), field(&owner.pattern), one_line(&who(owner)))
}

fn who(owner: &Owner) -> String {
    match (&owner.zone, &owner.track) {
        (Some(zone), Some(steward)) => format!("{zone} (steward {steward})"),
        (Some(zone), None) => zone.clone(),
        (None, track) => track.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::Report;
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn owned_shared_and_free() {
        let report = Report { owners: sample::acts().owners, ..Report::new("owner") };
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
tracks.toml:9	api/agents/**	a	api/agents/list.ts
tracks.toml:9	packages/shared/**	packages (steward c)	packages/shared/x\x1b.ts
			README.md

"#]]
            .raw()
        );
    }
}

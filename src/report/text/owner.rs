//! `tracks owner`: one line a path with tabs between the fields, as `git check-ignore -v` writes it.

use super::lines::one_line;
use crate::report::model::{Owner, shown};

/// `source`, `pattern`, `owner` and `path`, with tabs between them; a field that is not there is empty.
pub fn render(owners: &[Owner]) -> String {
    owners.iter().map(line).collect()
}

fn line(owner: &Owner) -> String {
    let field = |field: &Option<String>| field.as_deref().map(one_line).unwrap_or_default();
    let who = match (&owner.zone, &owner.track) {
        (Some(zone), Some(steward)) => format!("{} (steward {})", one_line(zone), one_line(steward)),
        (Some(zone), None) => one_line(zone),
        (None, _) => field(&owner.track),
    };
    let path = shown(&owner.path, owner.path_bytes.as_deref());
    format!("{}\t{}\t{who}\t{path}\n", field(&owner.source), field(&owner.pattern))
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

//! The JSON Schema of the report.

use schemars::generate::SchemaSettings;

use super::model::Report;

/// The JSON Schema (draft 2020-12) of what `--format json` writes, for every command.
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Report>().to_value()
}

#[cfg(test)]
mod tests {
    use super::schema;

    #[test]
    fn only_what_every_command_writes_is_required() {
        let schema = schema();
        assert_eq!(schema["required"], serde_json::json!(["schema", "command"]));
        assert_eq!(schema["$defs"]["Integration"]["properties"]["ref"]["type"], "string");
    }
}

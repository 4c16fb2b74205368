//! The JSON Schema of `tracks.toml`, for editors: every key of every table, with what it means and its default.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::model::Config;

/// The schema, in the dialect of 2020-12.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Config>();
    schema.insert("title".into(), "tracks.toml".into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::schema;
    use crate::policy::config::Config;

    /// `table.key` of every property without a description, or with neither a default nor the need to be there.
    fn silent(name: &str, table: &Value) -> Vec<String> {
        let required = table["required"].as_array().cloned().unwrap_or_default();
        let properties = table["properties"].as_object().into_iter().flatten();
        let missing = properties.filter(|(key, property)| {
            let known = property.get("default").is_some() || required.contains(&json!(key));
            property["description"].as_str().is_none_or(str::is_empty) || !known
        });
        missing.map(|(key, _)| format!("{name}.{key}")).collect()
    }

    #[test]
    fn every_key_says_what_it_means_and_its_default() {
        let schema = schema();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["title"], "tracks.toml");
        let tables = schema["$defs"].as_object().expect("has tables").iter();
        let tables: Vec<(&str, &Value)> = tables.map(|(name, table)| (name.as_str(), table)).collect();
        assert_eq!(tables.len(), 23);
        let silent: Vec<String> =
            [("Config", &schema)].into_iter().chain(tables).flat_map(|(name, table)| silent(name, table)).collect();
        assert_eq!(silent, Vec::<String>::new());
    }

    #[test]
    fn the_schema_takes_what_the_parser_takes() {
        let schema = jsonschema::validator_for(&schema()).expect("is a schema");
        let table = [
            ("", true),
            ("phase = 'p'\n[tracks.a]\nowns = []\npriority = 1\n[rules.file-size]\nmax-bytes = '1MiB'", true),
            ("[rules.file-size]\nmax-bytes = 1024", true),
            ("[severity]\n'size.lines' = 'off'", true),
            ("[tracks.a]\nower = []", false),
            ("[rules]\nunowned = 'warm'", false),
            ("[[waivers]]\nrule = 'size.lines'", false),
            ("[tracks.a]\npriority = -1", false),
        ];
        for (text, fits) in table {
            let value: Value = toml::from_str(text).expect("well formed");
            assert_eq!(schema.is_valid(&value), fits, "{text}");
            assert_eq!(Config::parse(text, "tracks.toml").is_ok(), fits, "{text}");
        }
    }
}

//! Migrations: what is known of the frameworks, and how a name is read. Opens no file.

"""An app of the suite alone: it empties the database behind a test that commits, and keeps what never changes."""

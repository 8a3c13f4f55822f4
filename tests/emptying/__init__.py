"""An app of the suite alone: it empties the database behind a test that commits, without rebuilding what never changes."""

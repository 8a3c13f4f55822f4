"""What changes the trunk, a module per subject: contributions, rencontres, periods."""

"""What is typed in the trunk, a module per subject."""

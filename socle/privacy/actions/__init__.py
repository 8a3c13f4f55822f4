"""What the rights of a person do, one file per right."""

"""What changes an atelier, a module per subject."""

"""The forms of the forums, a module per subject."""

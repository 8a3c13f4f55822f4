"""The verbs of the forums, a module per subject."""

"""A function per message, a module per subject; each writes an `Envoi` in the caller's transaction."""

"""The staff pages of the forums, a module per subject."""

from . import forums

__all__ = ["forums"]

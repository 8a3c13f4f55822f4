"""The staff pages of the trunk, a module per subject."""

from . import demarches

__all__ = ["demarches"]

"""The staff pages of the trunk, a module per subject."""

from . import contributions, demarches

__all__ = ["contributions", "demarches"]

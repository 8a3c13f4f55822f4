"""The staff pages of the trunk, a module per subject."""

from . import cahiers, contributions, demarches, papers

__all__ = ["cahiers", "contributions", "demarches", "papers"]

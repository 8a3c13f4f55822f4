"""The staff pages of the ateliers, a module per subject."""

from . import ateliers

__all__ = ["ateliers"]

"""What of the earlier words of a production may still be shown."""

from __future__ import annotations

from consultation.choices import VersionCause
from consultation.models import Contribution, Version


def was_masked(contribution: Contribution) -> bool:
    """A passage of its earlier words is hidden for good: they are shown to nobody any more."""
    return Version.objects.filter(contribution=contribution, cause=VersionCause.MASKING).exists()

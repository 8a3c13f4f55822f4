"""Who in the team answers what people ask about their data."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser


def can_answer(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Administrators alone: an objection names whoever makes it, over all the démarches."""
    return bool(user.is_active and getattr(user, "is_superuser", False))

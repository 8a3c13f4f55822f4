"""The second factor: counted and kept as the rest of the portal is, and asked of the team before it works."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from socle.comptes.models import User
from socle.identity.models import SiteIdentity
from socle.limiter.actions import Limit, take
from socle.qr import svg

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# A code of the application is taken within its half-minute, the one before and the one after.
ONCE = Limit("code-d-application", 1, timedelta(seconds=90))


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Cela n’a pas été reconnu. Recommencez.",
        "unverified_email": "Votre adresse n’est pas encore confirmée.",
        "cannot_generate_recovery_codes": "Les codes de secours viennent après une application ou une clé d’accès.",
    }

    def encrypt(self, text: str) -> str:
        """A copy of the database alone makes no code."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def _get_site_name(self) -> str:
        return SiteIdentity.current().site_name

    def build_totp_svg(self, url: str) -> str:
        return svg(url)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 (allauth's own)
        return f"Clé {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return super().get_public_key_credential_user_entity(user) | {"display_name": user.email}


def _box() -> MultiFernet:
    """By SECRET_KEY; what a key that was replaced has closed still opens."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = [salted_hmac("socle.comptes.second_factor", "", secret=key, algorithm="sha256").digest() for key in keys]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in made])


def used_once(user: User, code: str) -> bool:
    """A code read over somebody's shoulder opens nothing a second time, whichever process it reaches."""
    return take(ONCE, f"{user.pk} {code}")


def has_one(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=KINDS).exists()


def passed(request: HttpRequest) -> bool:
    """Whether this very session has shown a second factor, of whoever is logged in."""
    return any(one["method"] == "mfa" for one in get_authentication_records(request, request.user))


def needed(request: HttpRequest) -> bool:
    """Of the team, before anything that is the team's. The accounts of a demonstration may do without."""
    user = request.user
    if not (user.is_authenticated and user.is_staff) or not settings.STAFF_SECOND_FACTOR:
        return False
    waived = user.is_demonstration and not settings.HTTPS  # a demonstration is for one machine
    return not waived and not passed(request)

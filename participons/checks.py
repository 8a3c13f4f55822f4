"""What a portal open to the public must not leave as it is by default; `manage.py check --deploy` says it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 (Django's own name)


@register(Tags.security, deploy=True)
def check_services(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    found: list[CheckMessage] = []
    if not settings.STAFF_SECOND_FACTOR:
        hint = "STAFF_SECOND_FACTOR is True in participons/settings.py; only the suite says otherwise."
        found.append(Error("The admin opens without a second factor.", hint=hint, id="participons.E001"))
    if not settings.REDIS_URL:
        found.append(Warning("The broker is a folder of this machine.", hint="Set REDIS_URL.", id="participons.W001"))
    elif not urlsplit(settings.REDIS_URL).password:
        found.append(
            Warning(
                "Whoever reaches Redis can ring any task.", hint="Give REDIS_URL a password.", id="participons.W002"
            )
        )
    if not settings.EMAIL_URL:
        found.append(Warning("Mails are kept in files and reach nobody.", hint="Set EMAIL_URL.", id="participons.W003"))
    if not settings.TRUSTED_PROXIES:
        hint = "Set TRUSTED_PROXIES to the networks of the proxy that ends TLS."
        found.append(Warning("All visitors seem to have the proxy's address.", hint=hint, id="participons.W004"))
    return found

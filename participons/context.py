"""What every page says around its content: whose portal it is, and where the démarche stands."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from consultation.line import Line
from consultation.models import Demarche
from socle.identity.models import SiteIdentity


class Site:
    """Read when a template asks, once a page: a page that shows none of it costs no query."""

    @cached_property
    def identity(self) -> SiteIdentity:
        return SiteIdentity.current()

    @cached_property
    def demarche(self) -> Demarche | None:
        return Demarche.objects.current()

    @cached_property
    def line(self) -> Line | None:
        return Line.of(self.demarche) if self.demarche else None


def site(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 (nothing of it depends on who asks)
    return {"site": Site()}

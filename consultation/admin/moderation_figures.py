"""The page of figures, with its drawing: the same numbers are in the table beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from consultation.forms.moderation_figures import PeriodForm
from consultation.moderation_figures import Bar, Figures, figures, spoken
from consultation.permissions import can_read, visible_demarches
from socle.dates import MONTHS, day_label, period_label

HEIGHT, WIDTH = 240, 960  # of the drawing, in its own units
LABELS = 6  # under it, at most
SHORTCUTS = (7, 30, 90)  # days


@dataclass(frozen=True)
class Drawn:
    """A bar where it stands; whole numbers, that no language writes with a comma."""

    bar: Bar
    label: str
    shown: bool  # whether its label is written under it
    wide: bool  # and only where there is room
    x: int
    width: int
    received: int
    published: int
    refused: int

    @property
    def second(self) -> int:
        """Where what was decided starts, beside what was received."""
        return self.x + self.width

    @property
    def received_y(self) -> int:
        return HEIGHT - self.received

    @property
    def published_y(self) -> int:
        return HEIGHT - self.published

    @property
    def refused_y(self) -> int:
        return self.published_y - self.refused


class FiguresMixin:
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.figures_view)
        return [path("chiffres/", view, name="consultation_contribution_figures"), *super().get_urls()]

    def figures_view(self, request: HttpRequest) -> TemplateResponse:
        """Any role reads how moderation goes on its démarches."""
        if not can_read(request.user, None):
            raise PermissionDenied
        form = PeriodForm(request.GET, demarches=visible_demarches(request.user))
        first, last = form.period()
        found = figures(form.chosen(), first, last)
        today = timezone.localdate()
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Chiffres de la modération",
            "subtitle": None,
            "form": form,
            "period": period_label(first, last, "jour"),
            "figures": found,
            "oldest": spoken(timezone.now() - found.oldest) if found.oldest else "",
            "median": spoken(found.median),
            "ninth": spoken(found.ninth),
            "drawing": drawing(found),
            "shortcuts": [(days, today - timedelta(days=days - 1)) for days in SHORTCUTS],
            "today": today,
        }
        return TemplateResponse(request, "admin/consultation/contribution/moderate_figures.html", context)


def drawing(found: Figures) -> dict[str, Any]:
    """Where each bar stands, and how high the scale goes."""
    top = max([1, *(max(bar.received, bar.decided) for bar in found.bars)])
    step = WIDTH // len(found.bars)
    every = -(-len(found.bars) // LABELS)

    def high(number: int) -> int:
        return number * HEIGHT // top

    bars = [
        Drawn(
            bar,
            label(bar, found.by_month),
            n % every == 0,
            n % (2 * every) != 0,
            n * step,
            max(1, step * 2 // 5),
            high(bar.received),
            high(bar.published),
            high(bar.refused),
        )
        for n, bar in enumerate(found.bars)
    ]
    return {"bars": bars, "top": top, "half": top // 2 if top > 1 else 0, "half_y": HEIGHT - high(top // 2)}


def label(bar: Bar, by_month: bool) -> str:
    """« 7 mars », or « mars 2026 »: of days the title says the year."""
    if by_month:
        return f"{MONTHS[bar.start.month - 1]} {bar.start.year}"
    return day_label(bar.start, weekday=False, year=False)

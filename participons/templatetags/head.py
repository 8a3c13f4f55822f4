"""The head of every page: its menu, and the small line of the étapes."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from consultation.line import Line

register = template.Library()

# Label, name of the address, and what the addresses of this part of the portal hold.
MENU = (
    ("Accueil", "accueil", ""),
    ("Agenda", "rencontres", "/rencontres/"),
    ("Ateliers", "ateliers_short", "/ateliers/"),
    ("Contributions", "contributions", "/contributions/"),
    ("Synthèses", "textes", "/textes/"),
    ("Recherche", "recherche", "/recherche/"),
    ("Mon espace", "espace", "/mon-espace/"),
)


@register.simple_tag(takes_context=True)
def menu(context: template.Context) -> list[dict[str, Any]]:
    """The parts of the portal that exist, the one being read marked."""
    path = context["request"].path if "request" in context else ""
    entries = []
    for label, name, part in MENU:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        current = "page" if path == url else "true" if part and part in path else ""
        entries.append({"label": label, "url": url, "current": current})
    return entries


@register.simple_tag(takes_context=True)
def head_line(context: template.Context) -> Line | None:
    """The line of the démarche this page is about, else of the current one."""
    if line := context.get("line"):
        return line
    if demarche := context.get("demarche"):
        return Line.of(demarche)
    return context["site"].line if "site" in context else None

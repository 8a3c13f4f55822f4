"""The parts of a démarche that have news of their own: its ateliers, and its thèmes."""

from __future__ import annotations

from django.db.models import CharField, Value

from ateliers.models import Atelier
from consultation.models import Demarche, Theme
from consultation.topics import Topic


def of(demarche: Demarche) -> list[Topic]:
    """The ateliers, then the thèmes, in their order; one query."""
    ateliers = Atelier.objects.filter(demarche=demarche).order_by()
    themes = Theme.objects.filter(demarche=demarche).order_by()
    rows = ateliers.values_list(Value("atelier", CharField()), "rank", "town").union(
        themes.values_list(Value("theme", CharField()), "rank", "question")
    )
    return [_topic(demarche, *row) for row in sorted(rows.order_by())]


def _topic(demarche: Demarche, kind: str, rank: int, name: str) -> Topic:
    if kind == "atelier":
        atelier = Atelier(demarche=demarche, rank=rank, town=name)
        return Topic(atelier.topic, str(atelier), atelier.get_absolute_url())
    theme = Theme(demarche=demarche, rank=rank, question=name)
    return Topic(theme.topic, f"Thème {rank} – {name}", theme.get_absolute_url())

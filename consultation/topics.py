"""What an actualité or an abonnement may be about. The upper floors have topics of their own (settings.NEWS_TOPICS)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from consultation.models import Demarche
from consultation.models.news import WHOLE

WHOLE_LABEL = "Toute la démarche"


@dataclass(frozen=True)
class Topic:
    """`value` is what is stored (« atelier:5 »)."""

    value: str
    label: str
    url: str = ""


def topics(demarche: Demarche) -> dict[str, Topic]:
    """By value, the whole démarche first."""
    parts: list[Topic] = import_string(settings.NEWS_TOPICS)(demarche)
    return {topic.value: topic for topic in [Topic(WHOLE, WHOLE_LABEL, demarche.get_absolute_url()), *parts]}

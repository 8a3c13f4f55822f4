"""The forms of the roof."""

from __future__ import annotations

from consultation.forms.base import LinkedErrors, choice
from socle.comptes.models import Rhythm


class RhythmForm(LinkedErrors):
    rhythm = choice("Je les reçois", "Choisissez une des réponses proposées.", choices=Rhythm.choices)

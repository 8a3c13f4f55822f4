"""The synthèse of a demonstration, written and published once, by the actions that a rédacteur's table calls.

What is published stays, and so do the contributions it treats: neither moves when the dates of the programme do.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from consultation.actions import reponses, textes
from consultation.actions.textes_publish import Incomplete, publish
from consultation.choices import TexteKind
from consultation.models import Contribution, Demarche, Passage, Texte
from consultation.quotes import exact
from participons.programme.shift import moved
from participons.programme.synthese import Part, Synthese
from participons.programme.write import ProgrammeWriter
from socle.dates import local_midnight

KEY = "synthese"
type Said = dict[str, Contribution | None]  # the contributions of the example, by key


def write_synthese(writer: ProgrammeWriter, synthese: Synthese, said: Said) -> None:
    """Once its day has come, where no texte was begun. A draft that owes something stays one, for the team."""
    shown_at = moved(synthese.shown_on, writer.weeks).starts_at + timedelta(hours=14)
    begun = not writer.rows.is_new(KEY) or writer.demarche.textes.exists()
    if begun or shown_at > timezone.now():
        return
    values = {"kind": str(TexteKind.SYNTHESE), "title": synthese.title, "etape": writer.etapes[synthese.etape]}
    texte = textes.begin(Texte(demarche=writer.demarche, **values))
    writer.rows.did(KEY, texte)
    version = texte.versions.get()
    received_before = local_midnight(moved(synthese.until, writer.weeks).end + timedelta(days=1))
    textes.frame(version, introduction=synthese.introduction, received_before=received_before, seal=version.seal)
    for part in synthese.parts:
        themes = [row for rank in part.themes if (row := writer.themes[rank])]
        passage = textes.add(version, textes.Words(part.title, part.text, part.liaison, themes))
        _cite(passage, part, said)
    for one in synthese.answers:
        if contribution := said[one.contribution]:
            rows = Contribution.objects.filter(pk=contribution.pk)
            reponses.answer(version, rows, kind=one.kind, reason=one.reason, passed_to=one.passed_to, by=None)
    with suppress(Incomplete):
        publish(version, final=True, by=None, at=shown_at)


def _cite(passage: Passage, part: Part, said: Said) -> None:
    for cited in part.cites:
        if contribution := said[cited.contribution]:
            # The team may have masked these words since.
            quote = exact(cited.quote, contribution.title, contribution.body)
            textes.cite(passage, contribution, how=cited.how, quote=quote, by=None)


def treated(demarche: Demarche) -> set[int]:
    """The contributions that a published texte cites or answers: when they were received is history."""
    cited = Q(cited_by__citing_passage__version__published_at__isnull=False)
    answered = Q(reponses__texte__current__isnull=False)
    return set(Contribution.objects.filter(cited | answered, demarche=demarche).values_list("pk", flat=True))

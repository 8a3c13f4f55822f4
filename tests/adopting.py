"""A report as a test needs it: presented, deliberated, made a policy that is carried out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from consultation.actions import adoption as actions
from consultation.actions import policy as policies
from consultation.actions import suites
from consultation.actions.suites import Promise
from consultation.actions.textes import Words
from consultation.choices import TexteKind
from consultation.choices_adoption import ArticleOutcome, Avis
from consultation.coverage import untreated
from consultation.models import Adoption, Contribution, Passage, Suite, Texte
from tests.factories import make_superuser
from tests.textes import answered, make_texte, passage, published, said


def make_report(*cited: Contribution, passages: int = 3, **fields: Any) -> Texte:
    """Published; its first passage takes up what is given, the others something of their own."""
    texte = make_texte(kind=TexteKind.RAPPORT, **({"title": "Rapport d’orientations"} | fields))
    for number in range(1, passages + 1):
        sources = cited if number == 1 and cited else (said(demarche=texte.demarche),)
        passage(texte, *sources, title=f"Orientation {number}", text=f"La Région fait la chose {number}.")
    if left := list(untreated(texte.draft)):
        answered(texte, *left)
    published(texte)
    return texte


def presented(texte: Texte, on: date | None = None) -> Adoption:
    return actions.present(texte, on=on or timezone.localdate(), seance=None, by=make_superuser())


def given_avis(adoption: Adoption, on: date | None = None) -> Adoption:
    on = on or timezone.localdate()
    given = {"avis_on": on, "avis": Avis.RESERVED, "avis_text": "Le CESER demande un calendrier.", "avis_url": ""}
    return actions.give_avis(adoption, by=make_superuser(), **given)


def deliberated(texte: Texte, on: date | None = None, **said_of: Any) -> Adoption:
    """The three acts, on the same day."""
    on = on or timezone.localdate()
    adoption = given_avis(Adoption.objects.filter(texte=texte).first() or presented(texte, on), on)
    voted = {
        "deliberation_on": on,
        "deliberation_number": "2011-06-12",
        "adopted": True,
        "members": 113,
        "votes_for": 61,
        "votes_against": 40,
        "abstentions": 12,
        "deliberation_url": "",
    }
    return actions.deliberate(adoption, by=make_superuser(), **(voted | said_of))


def filed(adoption: Adoption, of: Passage, text: str = "La Région fait la chose chaque soir.", **words: Any) -> Any:
    given = {
        "author": "Le groupe des Verts",
        "filed_on": timezone.localdate(),
        "title": of.title,
        "text": text,
        "motive": "Le soir, il n’y a plus de train.",
    }
    return actions.amend(adoption, of, by=make_superuser(), **(given | words))


def decided(adoption: Adoption, of: Passage, outcome: str, *words: str, reason: str = "") -> None:
    said = Words(*(words or ("", "")))
    actions.decide(adoption, of, outcome=outcome, words=said, reason=reason, by=make_superuser())


def make_policy(
    *cited: Contribution, on: date | None = None, voted: dict[str, Any] | None = None, **fields: Any
) -> Texte:
    """Published: all its report as such, but for the last passage, which is not kept."""
    report = make_report(*cited, **fields)
    adoption = deliberated(report, on, **(voted or {}))
    last = adoption.version.passages.last()
    decided(adoption, last, ArticleOutcome.NOT_KEPT, reason="La Région n’en a pas la compétence.")
    actions.keep_the_others(adoption, by=make_superuser())
    texte = policies.make_policy(adoption, title=f"Politique : {report.title}", by=make_superuser())
    published(texte)
    return texte


def announced(texte: Texte, number: int = 1, *, due: int | None = None, **words: Any) -> Suite:
    """A suite of that article, due so many days from now."""
    article = texte.current.passages.get(number=number)
    suite = Suite(passage=article, **({"title": "Des trains le soir", "in_charge": "Direction des transports"} | words))
    promise = Promise() if due is None else Promise(due_on=timezone.localdate() + timedelta(due), due_precision="jour")
    return suites.announce(suite, promise, suites.Said(), by=make_superuser())

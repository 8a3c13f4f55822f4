"""Somebody leaves (settings.ERASERS): what of the trunk is more than emptying columns (consultation/held.py)."""

from __future__ import annotations

from typing import Protocol

from consultation.actions.contributions import change_state
from consultation.actions.inscriptions import cancel_all
from consultation.choices import ContributionState, DecisionCause
from consultation.held import ERASED, ERASED_TITLE
from consultation.models import CahierActeur, Contribution, Inscription, Transcription
from consultation.states import allowed_from
from socle.comptes.models import Personne
from socle.documents.actions import forget
from socle.registre.actions import forget_text


class Leaver(Protocol):
    personne: Personne
    with_texts: bool


def leave(leaving: Leaver) -> None:
    """In the transaction of the departure. Who is promoted to a place given back is told, as of any other."""
    cancel_all(Inscription.objects.active().filter(personne=leaving.personne), tell=False)
    rows = Contribution.objects.filter(personne=leaving.personne).select_related("demarche", "personne")
    for contribution in rows.select_for_update(of=("self",)).order_by("pk"):
        _leave_contribution(contribution, with_texts=leaving.with_texts)
    _forget_scans(leaving.personne)


def _leave_contribution(contribution: Contribution, *, with_texts: bool) -> None:
    """What was never confirmed was shown to nobody, and can no longer be: it goes in any case."""
    unproved = contribution.state == ContributionState.TO_CONFIRM
    if not (with_texts or unproved):
        return
    withdrawn = ContributionState.WITHDRAWN
    if contribution.state in allowed_from(withdrawn, DecisionCause.AUTHOR):
        change_state(contribution, withdrawn, by=None, cause=DecisionCause.AUTHOR)
    Contribution.objects.filter(pk=contribution.pk).update(title=ERASED_TITLE, body=ERASED)
    forget_text(contribution.reference)
    for cahier in CahierActeur.objects.filter(contribution=contribution).select_related("document"):
        cahier.delete()
        forget(cahier.document)


def _forget_scans(personne: Personne) -> None:
    """The image of a paper shows a hand, and often an address."""
    rows = Transcription.objects.filter(contribution__personne=personne, scan__isnull=False).select_related("scan")
    for one in rows:
        scan = one.scan
        Transcription.objects.filter(pk=one.pk).update(scan=None)
        if scan:
            forget(scan)

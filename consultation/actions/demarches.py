"""The life of a démarche and of its frame: opened with the whole of it, corrected by versions, archived."""

from __future__ import annotations

from django.db import transaction

from consultation.actions.entries import enter_demarche, enter_version
from consultation.actions.entries_adoption import archived_facts
from consultation.actions.textes_publish import TELL, Incomplete
from consultation.choices import DemarcheState
from consultation.endings import lacks
from consultation.models import Archivage, Cadre, Demarche
from socle import doorbell
from socle.comptes.models import User
from socle.pagecache.actions import bump


class FrameMissingError(Exception):
    """The démarche stays closed; `missing` names the parts of its frame that are still to be written."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__("The frame is not whole.")
        self.missing = missing


class StaleDemarcheError(Exception):
    """Somebody opened or archived it first; the sentence is for whoever asked."""


@transaction.atomic
def open_demarche(demarche: Demarche, *, by: User) -> None:
    """From its draft, or from the archives, to the public; raises FrameMissingError or StaleDemarcheError."""
    demarche = _locked(demarche)
    if demarche.state == DemarcheState.PUBLISHED:
        raise StaleDemarcheError("Rien n’a été changé : cette démarche est déjà ouverte.")
    if missing := demarche.missing_to_open():
        raise FrameMissingError(missing)
    _move(demarche, DemarcheState.PUBLISHED)
    enter_demarche("demarche.ouverte", demarche, by)
    if version := demarche.cadres.in_force():
        enter_version(version, by)
    bump()


@transaction.atomic
def archive_demarche(demarche: Demarche, *, by: User, reason: str = "") -> Archivage:
    """Nothing is taken on it any more; all its pages stay.

    Raises Incomplete where it still owes something and no reason is given, StaleDemarcheError where it is not open.
    """
    demarche = _locked(demarche)
    if demarche.state != DemarcheState.PUBLISHED:
        raise StaleDemarcheError("Rien n’a été changé : cette démarche n’est pas ouverte.")
    missing = [lack.sentence for lack in lacks(demarche)]
    if missing and not reason:
        raise Incomplete(missing)
    archivage = Archivage.objects.create(demarche=demarche, missing=missing, reason=reason if missing else "", by=by)
    _move(demarche, DemarcheState.ARCHIVED)
    enter_demarche("demarche.archivee", demarche, by, archived_facts(archivage))
    if missing:
        doorbell.ring(TELL)
    bump()
    return archivage


@transaction.atomic
def tell_version(version: Cadre, *, by: User) -> None:
    """A version has been written: where the démarche is public, the register says so, and since when it holds."""
    demarche = _locked(version.demarche)
    if demarche.state != DemarcheState.DRAFT:
        enter_version(version, by)
    bump()


def _locked(demarche: Demarche) -> Demarche:
    """Whoever changes the frame at this moment waits, or is waited for (the triggers of 0008 take the same row)."""
    return Demarche.objects.select_for_update(of=("self",)).get(pk=demarche.pk)


def _move(demarche: Demarche, state: str) -> None:
    demarche.state = state
    demarche.save(update_fields=["state"])

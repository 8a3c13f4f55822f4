"""What of the forums enters the public register, in the transaction of the act itself: no name, nothing of a draft."""

from __future__ import annotations

from consultation.actions.entries import is_open
from consultation.models import Demarche
from consultation.permissions import can_run, is_administrator
from forums.models import Croisement, DroitDeRegard, Objection
from socle.comptes.models import User
from socle.dates import day_label
from socle.registre.actions import record


def enter_croisement(croisement: Croisement, references: list[str], by: User) -> None:
    """Published; the sentence and the references give the fingerprint. Or withdrawn since, with the reason."""
    demarche = croisement.forum.rencontre.demarche
    if not is_open(demarche):
        return
    gone = croisement.withdrawn_at is not None
    record(
        "croisement.retire" if gone else "croisement.publie",
        subject=f"croisement:{croisement.pk}",
        role=_writing(by, demarche),
        facts={
            "nature": croisement.get_kind_display(),
            "productions": ", ".join(references),
            "raison": croisement.withdrawn_reason or None,
        },
        text="\n\n".join([croisement.sentence, *references]),
        demarche=demarche.slug,
    )


def enter_regard(droit: DroitDeRegard, by: User, *, longer: bool = False) -> None:
    demarche = droit.forum.rencontre.demarche
    if is_open(demarche):
        record(
            "regard.prolonge" if longer else "regard.ouvert",
            subject=f"regard:{droit.pk}",
            role=_writing(by, demarche),
            facts={"titre": droit.version.texte.title, "jusqu_au": day_label(droit.last_day)},
            demarche=demarche.slug,
        )


def enter_answer(objection: Objection, by: User) -> None:
    """Given, or corrected since."""
    demarche = objection.contribution.demarche
    if is_open(demarche):
        record(
            "objection.correction" if objection.corrected_at else "objection.reponse",
            subject=f"regard:{objection.droit_id}",
            role=_writing(by, demarche),
            facts={"objection": objection.contribution.reference},
            text=objection.answer,
            demarche=demarche.slug,
        )


def _writing(by: User, demarche: Demarche) -> str:
    if is_administrator(by):
        return "administrateur"
    return "responsable" if can_run(by, demarche) else "rédacteur"

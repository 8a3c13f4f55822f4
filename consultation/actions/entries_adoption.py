"""What enters the public register of the adoption, of the suites and of the période de réserve."""

from __future__ import annotations

from consultation.actions.entries import _running, _telling, is_open
from consultation.models import Adoption, Amendement, Archivage, Article, Confirmation, Reserve, SuiteChange
from socle.comptes.models import User
from socle.dates import day_label
from socle.registre.actions import record


def enter_act(adoption: Adoption, name: str, by: User, reason: str) -> None:
    """One of the three acts, or its correction, with the reason."""
    texte = adoption.texte
    day = {"presente": adoption.presented_on, "avis": adoption.avis_on, "deliberation": adoption.deliberation_on}[name]
    if not is_open(texte.demarche) or day is None:
        return
    said: dict[str, str | int | None] = {}
    if name == "avis":
        said = {"sens": adoption.get_avis_display()}
    elif name == "deliberation":
        issue = "adopté" if adoption.adopted else "rejeté"
        said = {"numero": adoption.deliberation_number, "issue": issue, "votes": adoption.votes}
    record(
        f"adoption.{name}",
        subject=f"texte:{texte.pk}",
        role=_telling(by, texte.demarche),
        facts={"titre": texte.title, "date": day_label(day, weekday=False), "raison": reason or None} | said,
        text=adoption.avis_text if name == "avis" and adoption.avis_text else None,
        demarche=texte.demarche.slug,
    )


def enter_amendement(amendement: Amendement, kind: str, by: User, reason: str = "") -> None:
    """Neither its author nor its words enter: its page says them. `reason`: why it is corrected."""
    texte = amendement.adoption.texte
    if not is_open(texte.demarche):
        return
    settled = kind == "amendement.sort"
    place = "apres" if amendement.adds else "orientation"
    said: dict[str, str | int | None] = (
        {"sort": amendement.get_state_display(), "votes": amendement.votes} if settled else {}
    )
    record(
        kind,
        subject=f"texte:{texte.pk}",
        role=_telling(by, texte.demarche),
        facts={"numero": amendement.number, place: amendement.passage.number, **said, "raison": reason or None},
        text=f"{amendement.title}\n\n{amendement.text}\n\n{amendement.motive}",
        demarche=texte.demarche.slug,
    )


def enter_article(article: Article, by: User, correction: str) -> None:
    """What the délibération makes of one passage; said otherwise later, it says why."""
    texte = article.adoption.texte
    if not is_open(texte.demarche):
        return
    record(
        "article.decide",
        subject=f"texte:{texte.pk}",
        role=_telling(by, texte.demarche),
        facts={
            "orientation": article.passage.number,
            "decision": article.get_outcome_display(),
            "pourquoi": article.reason or None,
            "raison": correction or None,
        },
        text=f"{article.title}\n\n{article.text}" if article.title else None,
        demarche=texte.demarche.slug,
    )


def enter_kept(adoption: Adoption, numbers: list[int], by: User) -> None:
    """Those that were adopted as such in one act."""
    texte = adoption.texte
    if not is_open(texte.demarche):
        return
    record(
        "article.tels_quels",
        subject=f"texte:{texte.pk}",
        role=_telling(by, texte.demarche),
        facts={"orientations": ", ".join(map(str, numbers))},
        demarche=texte.demarche.slug,
    )


def enter_suite(change: SuiteChange, before: str | None) -> None:
    suite = change.suite
    texte = suite.passage.version.texte
    if not is_open(texte.demarche):
        return
    record(
        "suite.annoncee" if before is None else "suite.avance",
        subject=f"suite:{suite.pk}",
        role=_telling(change.by, texte.demarche),
        facts={
            "titre": suite.title,
            "article": suite.passage.number,
            "etat": change.get_state_display(),
            "echeance": change.due_label or None,
            "raison": change.reason or None,
        },
        demarche=texte.demarche.slug,
    )


def enter_reserve(reserve: Reserve, by: User) -> None:
    _enter_reserve("reserve.fixee", reserve, by, raison=reserve.reason)


def enter_lifted(reserve: Reserve, by: User) -> None:
    _enter_reserve("reserve.levee", reserve, by)


def _enter_reserve(kind: str, reserve: Reserve, by: User, **more: str) -> None:
    if not is_open(reserve.demarche):
        return
    days = {
        "debut": day_label(reserve.starts_on, weekday=False),
        "fin": day_label(reserve.ends_on, weekday=False),
    }
    record(
        kind,
        subject=f"demarche:{reserve.demarche_id}",
        role=_running(by),
        facts=days | more,
        demarche=reserve.demarche.slug,
    )


def enter_confirmation(confirmation: Confirmation) -> None:
    """What appears all the same, and why."""
    demarche = confirmation.demarche
    if is_open(demarche):
        record(
            "reserve.confirmation",
            subject=confirmation.subject,
            role=_telling(confirmation.by, demarche),
            facts={"raison": confirmation.reason},
            demarche=demarche.slug,
        )


def archived_facts(archivage: Archivage) -> dict[str, str | None]:
    """What the entry of the archiving says beside the title."""
    return {"manque": ", ".join(archivage.missing) or None, "raison": archivage.reason or None}

"""What of the life of a consultation enters the public register, in the transaction of the act itself.

Nothing of a draft démarche does, nor what happens between an author and the team before anything was public.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from consultation.choices import ContributionState as S
from consultation.choices import DecisionCause as C
from consultation.choices import DemarcheState, TexteState
from consultation.coverage import Coverage
from consultation.models import (
    Actualite,
    Cadre,
    CahierActeur,
    Contribution,
    DateChange,
    Decision,
    Demarche,
    Etape,
    FrequentQuestion,
    Reexamen,
    Rencontre,
    Ressource,
    ServiceAnswer,
    Signalement,
    TexteVersion,
)
from consultation.permissions import can_moderate, can_run
from socle.comptes.models import User
from socle.dates import Precision, day_label, moment_label
from socle.registre.actions import record

DECISIONS = {
    (S.TO_CONFIRM, S.PUBLISHED): "contribution.publiee",
    (S.WAITING, S.PUBLISHED): "contribution.publiee",
    (S.WAITING, S.REFUSED): "contribution.refusee",
    (S.PUBLISHED, S.WITHDRAWN): "contribution.retiree",
    (S.WITHDRAWN, S.PUBLISHED): "contribution.republiee",
    (S.REFUSED, S.PUBLISHED): "contribution.publiee",
}
ROLES = {C.AUTHOR: "auteur", C.RULE: "règle de la démarche"}
type Published = Actualite | Ressource | FrequentQuestion  # what the team gives to read
NOUNS = {Actualite: "actualite", Ressource: "ressource", FrequentQuestion: "frequente"}
AFTER = {C.REEXAMEN: "réexamen", C.SIGNALEMENT: "signalement"}


def is_open(demarche: Demarche) -> bool:
    return demarche.state != DemarcheState.DRAFT


def enter_decision(decision: Decision) -> None:
    contribution = decision.contribution
    kind = DECISIONS.get((S(decision.from_state), S(decision.to_state)))
    if kind is None or not is_open(contribution.demarche):
        return
    cause = C(decision.cause)
    record(
        kind,
        subject=contribution.reference,
        role=ROLES.get(cause) or _deciding(decision),
        facts={"motif": decision.reason.label if decision.reason else None, "suite": AFTER.get(cause)},
        text="\n\n".join([contribution.title, contribution.body, *_document(contribution)]),
        demarche=contribution.demarche.slug,
    )


def _document(contribution: Contribution) -> list[str]:
    """Of a cahier d’acteur the document counts as much as its summary."""
    return list(CahierActeur.objects.filter(pk=contribution.pk).values_list("document__sha256", flat=True))


def _deciding(decision: Decision) -> str:
    """Whoever runs a rencontre publishes what was said at it, without moderating the démarche."""
    said, by = decision.contribution, decision.by
    runs = said.rencontre_id is not None and by is not None and not can_moderate(by, said.demarche)
    return "organisateur" if runs else "modérateur"


def enter_masking(contribution: Contribution, passages: int) -> None:
    """Of what is public, or was. The reason is written by hand: it stays on the page, which can be corrected."""
    public = contribution.state in (S.PUBLISHED, S.WITHDRAWN)
    if public and is_open(contribution.demarche):
        slug, facts = contribution.demarche.slug, {"passages": passages}
        record("contribution.masquee", subject=contribution.reference, role="modérateur", facts=facts, demarche=slug)


def enter_reexamen(reexamen: Reexamen) -> None:
    _enter_recourse("reexamen.decision", reexamen.contribution, reexamen.get_outcome_display())


def enter_signalement(signalement: Signalement) -> None:
    _enter_recourse("signalement.decision", signalement.contribution, signalement.get_outcome_display())


def _enter_recourse(kind: str, contribution: Contribution, outcome: str) -> None:
    """The contribution itself was public, or its refusal is in the register."""
    if is_open(contribution.demarche):
        slug = contribution.demarche.slug
        record(kind, subject=contribution.reference, role="modérateur", facts={"issue": outcome}, demarche=slug)


def enter_answer(answer: ServiceAnswer) -> None:
    """Published, or corrected since."""
    question = answer.contribution
    if is_open(question.demarche):
        record(
            "question.correction" if answer.corrected_at else "question.reponse",
            subject=question.reference,
            role="rédacteur",
            facts={"service": answer.service},
            text=answer.body,
            demarche=question.demarche.slug,
        )


def enter_date_change(change: DateChange, subject: Etape | Rencontre) -> None:
    if not is_open(subject.demarche):
        return
    noun, place = ("etape", subject.rank) if isinstance(subject, Etape) else ("rencontre", subject.pk)
    record(
        f"{noun}.date",
        subject=f"{noun}:{place}",
        role="responsable",
        facts={
            "titre": subject.title,
            "avant": change.previous_label,
            "apres": change.new_label,
            "raison": change.reason,
        },
        demarche=subject.demarche.slug,
    )


def enter_cancellation(rencontre: Rencontre, by: User) -> None:
    if is_open(rencontre.demarche):
        record(
            "rencontre.annulee",
            subject=f"rencontre:{rencontre.pk}",
            role=_running(by),
            facts={"titre": rencontre.title, "date": rencontre.when_label, "raison": rencontre.cancel_reason},
            demarche=rencontre.demarche.slug,
        )


def enter_import(demarche: Demarche, count: int, by: User | None) -> None:
    """Published as they were brought in: one entry for all of them, with how many."""
    if is_open(demarche):
        subject = f"demarche:{demarche.pk}"
        record(
            "contributions.reprises",
            subject=subject,
            role=_running(by),
            facts={"nombre": count},
            demarche=demarche.slug,
        )


def enter_demarche(
    kind: str, demarche: Demarche, by: User | None, more: Mapping[str, str | None] | None = None
) -> None:
    facts = {"titre": demarche.title, **(more or {})}
    record(kind, subject=f"demarche:{demarche.pk}", role=_running(by), facts=facts, demarche=demarche.slug)


def enter_texte(version: TexteVersion, by: User | None) -> None:
    """Its whole text gives the fingerprint: whoever holds a copy can prove what was published, and when."""
    texte, coverage = version.texte, Coverage.of(version)
    if not is_open(texte.demarche):
        return
    passages = version.passages.order_by("number").values_list("number", "title", "text")
    record(
        "texte.definitif" if version.state == TexteState.FINAL else "texte.provisoire",
        subject=f"texte:{texte.pk}",
        role=_running(by) if by is None else _telling(by, texte.demarche),
        facts={
            "titre": texte.title,
            "version": version.number,
            "traitees": f"{coverage.treated} sur {coverage.total}" if coverage.total else None,
            "raison": version.reason or None,
        },
        text="\n\n".join([version.introduction, *(f"{number}. {title}\n{text}" for number, title, text in passages)]),
        demarche=texte.demarche.slug,
    )


def enter_version(version: Cadre, by: User | None) -> None:
    """Written before its day, and corrected until then, it is entered each time: the last entry is what came."""
    demarche = version.demarche
    record(
        "cadre.version",
        subject=f"cadre:{version.published_on}",
        role=_running(by),
        facts={"version": demarche.cadres.known(version.published_on).count(), "date": day_label(version.published_on)},
        text="\n\n".join(str(getattr(version, name)) for name in (*Cadre.NEEDED, "closed_points", "team", "garant")),
        demarche=demarche.slug,
    )


def enter_publication(before: Published | None, after: Published | None, by: User) -> None:
    """What the team gave to read, as it was and as it is: published, corrected since, or taken down.

    Dated for later, it is entered at once with its date, and again if that changes: the last entry is what came.
    Neither its title nor its words enter, for they may name someone. What a démarche holds on the day it opens was
    published by that act, which has its own entry.
    """
    row = after or before
    if row is None or not is_open(row.demarche) or (step := _step(before, after)) is None:
        return
    noun = NOUNS[type(row)]
    given = _given(after)
    at = given[1] if given else None
    record(
        f"{noun}.{step}",
        subject=f"{noun}:{row.pk}",
        role=_telling(by, row.demarche),
        facts={"date": moment_label(at, None, Precision.HOUR)} if at and at > timezone.now() else {},
        text=given[0] if given else None,
        demarche=row.demarche.slug,
    )


def _step(before: Published | None, after: Published | None) -> str | None:
    was, now = _given(before), _given(after)
    if was is None or now is None:
        return "retiree" if was else "publiee" if now else None
    return "corrigee" if was != now else None


def _given(row: Published | None) -> tuple[str, datetime | None] | None:
    """What is read of it and since when; None where nobody reads it, nor will."""
    if row is None:
        return None
    if isinstance(row, FrequentQuestion):
        return _words(row), None
    return (_words(row), row.published_at) if row.published_at else None


def _words(row: Published) -> str:
    if isinstance(row, FrequentQuestion):
        said = [row.question, row.answer]
    elif isinstance(row, Actualite):
        said = [row.title, row.body]
    else:
        document = row.document.sha256 if row.document else ""
        said = [row.title, row.description, row.source, row.url, document]
    return "\n\n".join(said)


def _telling(by: User, demarche: Demarche) -> str:
    return _running(by) if can_run(by, demarche) else "rédacteur"


def _running(by: User | None) -> str:
    """Nobody is named to a command: who may run one administers the portal."""
    return "administrateur" if by is None or by.is_superuser else "responsable"

"""What presses on the team today, for whoever is in: lines that lead to where each thing is done.

The upper floors have lines of their own (`ateliers.today`); the roof puts them together (`participons.today`).
Nobody is told of more than they may do, or read; nothing is said where there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, Min, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from consultation import today_after
from consultation.choices import DemarcheState, InscriptionEventKind, InscriptionState, RencontreState
from consultation.emails.rencontres import change_key, subject_key
from consultation.models import (
    Cadre,
    Contribution,
    Decision,
    Demarche,
    InscriptionEvent,
    Question,
    Reexamen,
    Relecture,
    Rencontre,
    Signalement,
    Transcription,
)
from consultation.models.recourse import AGAINST
from consultation.models.rencontre import RencontreQuerySet
from consultation.permissions import (
    Visitor,
    can_answer,
    can_moderate,
    can_organise,
    can_read,
    can_run,
    can_write,
    organised_today,
    visible_demarches,
)
from consultation.places import Filling, with_filling
from consultation.pressing import Task, counted, number_of, of_demarche
from socle.courriels.models import Envoi, State
from socle.dates import ago_label, local_midnight

AHEAD = 14  # days of the agenda, today included
NO_REASON = "Aucune raison n’est notée."


def coming(user: Visitor, at: datetime | None = None) -> list[Rencontre]:
    """The rencontres to come that this person may read, with their counts and why a free place was not offered."""
    reach = Q(demarche__in=visible_demarches(user).values("pk")) | Q(pk__in=organised_today(user))
    return with_state(Rencontre.objects.filter(reach).exclude(state=RencontreState.CANCELLED).coming(at))


def with_state(rencontres: RencontreQuerySet) -> list[Rencontre]:
    """One query."""
    held_back = InscriptionEvent.objects.filter(
        inscription__rencontre=OuterRef("pk"),
        inscription__state=InscriptionState.WAITING,
        kind=InscriptionEventKind.NOT_OFFERED,
    )
    why_not = Coalesce(Subquery(held_back.order_by("-at", "-pk").values("note")[:1]), Value(NO_REASON))
    return list(with_filling(rencontres).annotate(why_not=why_not).select_related("demarche", "lieu"))


def filling_of(rencontre: Any) -> Filling:
    """Of a row read `with_state`."""
    return Filling(rencontre.capacity, rencontre.taken, rencontre.waiting)


def agenda(rencontres: Iterable[Rencontre], at: datetime | None = None) -> list[Task]:
    """Today's first, then those of the next days, with their places."""
    today = timezone.localdate(at)
    end = local_midnight(today + timedelta(days=AHEAD))
    return [
        Task(
            what=rencontre.title,
            url=reverse("admin:consultation_rencontre_change", args=[rencontre.pk]),
            more=", ".join([rencontre.when_label, standing(rencontre)]),
            today=timezone.localdate(rencontre.starts_at) == today,
            rencontre=rencontre.pk,
        )
        for rencontre in rencontres
        if rencontre.has_day and rencontre.starts_at < end
    ]


def standing(rencontre: Rencontre) -> str:
    """« 12 places prises sur 30, 3 personnes attendent », « pas encore annoncée »."""
    if rencontre.state == RencontreState.DRAFT:
        return "pas encore annoncée"
    return filling_of(rencontre).taken_label


def organised(user: Visitor, rencontres: Iterable[Rencontre]) -> list[Rencontre]:
    return [rencontre for rencontre in rencontres if can_organise(user, rencontre)]


def withheld(rencontres: Iterable[Any]) -> list[Task]:
    """A place is free and somebody waits: it was offered to nobody, for a reason."""
    return [
        Task(
            what=f"Une place est libre et n’est proposée à personne : {rencontre.title}",
            url=reverse("admin:consultation_rencontre_change", args=[rencontre.pk]),
            more=f"{counted(rencontre.waiting, 'personne attend', 'personnes attendent')}. {rencontre.why_not}",
            rencontre=rencontre.pk,
        )
        for rencontre in rencontres
        if rencontre.state == RencontreState.PUBLISHED and rencontre.waiting and filling_of(rencontre).free != 0
    ]


def undelivered(rencontres: Iterable[Rencontre]) -> list[Task]:
    """Mails about what is to come that failed or came back; one query."""
    about = {key(rencontre): rencontre for rencontre in rencontres for key in (subject_key, change_key)}
    lost: dict[int, int] = {}
    for subject, number in in_trouble(about).order_by().values_list("subject_key").annotate(Count("pk")):
        lost[about[subject].pk] = lost.get(about[subject].pk, 0) + number
    return [
        Task(
            what=f"{counted(lost[pk], 'courriel n’est pas arrivé', 'courriels ne sont pas arrivés')} : {title}",
            url=reverse("admin:consultation_rencontre_rappels", args=[pk]),
            more="Voyez à qui, et appelez ceux qui ont laissé un numéro.",
        )
        for pk, title in {rencontre.pk: rencontre.title for rencontre in about.values()}.items()
        if pk in lost
    ]


def in_trouble(subject_keys: Iterable[str]) -> QuerySet[Envoi]:
    failed = Q(state__in=(State.FAILED, State.ABANDONED)) | Q(bounced_at__isnull=False)
    return Envoi.objects.filter(failed, subject_key__in=list(subject_keys))


def on_demarches(user: Visitor) -> list[Task]:
    """What waits for those who hold a role: decisions, readings, answers, a frame. One query, whatever the size."""
    if not can_read(user, None):
        return []
    rows = list(visible_demarches(user).annotate(**_counts(user)))
    tasks = []
    for demarche in rows:
        named = f" – {demarche.title}" if len(rows) > 1 else ""
        tasks += [Task(f"{task.what}{named}", task.url, task.more) for task in _of(user, demarche)]
    return tasks


def _counts(user: Visitor) -> dict[str, Any]:
    """Each by a subquery of its own: joined, they would multiply one another."""
    reexamens = Reexamen.objects.waiting().exclude(
        Exists(Decision.objects.filter(contribution=OuterRef("contribution"), to_state__in=AGAINST, by=user.pk))
    )
    written: dict[str, Any] = {f"{name}__gt": "" for name in Cadre.NEEDED}
    return {
        "to_moderate": number_of(Contribution.objects.waiting(), "demarche"),
        "oldest": Subquery(of_demarche(Contribution.objects.waiting(), "demarche").values(first=Min("submitted_at"))),
        "to_reexamine": number_of(reexamens, "contribution__demarche"),
        "reported": number_of(Signalement.objects.waiting(), "contribution__demarche"),
        "to_read": number_of(Transcription.objects.to_read().exclude(transcriber=user.pk), "contribution__demarche"),
        "unanswered": number_of(Contribution.objects.questions().overdue(), "demarche"),
        "to_settle": number_of(Relecture.objects.to_settle(), "texte__demarche"),
        **today_after.counts(),
        "framed": Exists(Cadre.objects.filter(demarche=OuterRef("pk"), **written)),
    }


def _of(user: Visitor, demarche: Any) -> list[Task]:
    tasks = []
    if can_moderate(user, demarche):
        tasks += _for_moderators(demarche)
    if can_answer(user, demarche) and demarche.unanswered:
        said = counted(demarche.unanswered, "question attend sa réponse", "questions attendent leur réponse")
        tasks.append(Task(said, _list(Question, demarche, reponse="retard"), "Le délai annoncé est passé."))
    if can_write(user, demarche) and demarche.to_settle:
        said = counted(demarche.to_settle, "désaccord à reprendre", "désaccords à reprendre")
        url = f"{reverse('admin:consultation_texte_changelist')}?demarche__id__exact={demarche.pk}"
        tasks.append(Task(said, url, "La seconde lecture d’un texte n’est pas d’accord avec ce qu’il fait."))
    if can_run(user, demarche) and demarche.state == DemarcheState.DRAFT and not demarche.framed:
        url = reverse("admin:consultation_demarche_change", args=[demarche.pk])
        tasks.append(Task("Le cadre est à compléter", url, "La démarche ne peut ouvrir sans lui."))
    return [*tasks, *today_after.of(user, demarche)]


def _for_moderators(demarche: Any) -> list[Task]:
    lines = (
        (demarche.to_moderate, Contribution, ("contribution à modérer", "contributions à modérer")),
        (demarche.reported, Signalement, ("signalement à traiter", "signalements à traiter")),
        (demarche.to_reexamine, Reexamen, ("réexamen à décider", "réexamens à décider")),
        (demarche.to_read, Transcription, ("saisie à relire", "saisies à relire")),
    )
    waits = f"La plus ancienne attend depuis {ago_label(demarche.oldest)}." if demarche.oldest else ""
    return [
        Task(counted(number, *said), _list(model, demarche), waits if model is Contribution else "")
        for number, model, said in lines
        if number
    ]


def _list(model: type[Model], demarche: Demarche, **filters: str) -> str:
    """The list of what waits is what each of these lists shows first."""
    path = "demarche" if model in (Contribution, Question) else "contribution__demarche"
    query = urlencode(filters | {f"{path}__id__exact": demarche.pk})
    return f"{reverse(f'admin:consultation_{model._meta.model_name}_changelist')}?{query}"

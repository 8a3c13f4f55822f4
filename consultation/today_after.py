"""What presses after the vote: suites that are late, what a démarche owes by law, the bilan a year after; and what a
période de réserve holds back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from consultation.choices import DemarcheState, RencontreKind, RencontreState
from consultation.endings import OWED, Lack, lacks_said
from consultation.etapes import REGLES
from consultation.held_back import waiting
from consultation.models import Actualite, Adoption, Etape, Rencontre, Reserve, Suite
from consultation.models.suite import a_year_before
from consultation.permissions import Visitor, can_run, can_write
from consultation.pressing import Task, counted, number_of, of_demarche
from socle.dates import day_label, local_midnight

NEAR = timedelta(days=90)  # a meeting that close to the anniversary is the bilan
# What an étape that is over should have left: what is owed, by what such an étape opens.
LEFT_BY = {"synthese": ("synthese",), "suites": ("suites", "articles")}


def counts() -> dict[str, Any]:
    """What `of` reads, in the query that reads the démarches."""
    over = Etape.objects.filter(demarche=OuterRef("pk"), ends_on__lt=timezone.localdate())
    voted = Adoption.objects.filter(
        texte__demarche=OuterRef("pk"),
        adopted=True,
        deliberation_on__lte=a_year_before(),
        politique__current__isnull=False,
    )
    meetings = Rencontre.objects.filter(kind=RencontreKind.REUNION).exclude(state=RencontreState.CANCELLED)
    running = Reserve.objects.running().filter(demarche=OuterRef("pk"))
    held = Actualite.objects.filter(published_at__lte=timezone.now(), announced_at__isnull=True)
    return {
        "late": number_of(Suite.objects.late(), "passage__version__texte__demarche"),
        "over": ArraySubquery(over.order_by("rank").values("type")),
        "owed": OWED,
        "voted_on": Subquery(voted.order_by("-deliberation_on").values("deliberation_on")[:1]),
        "last_meeting": Subquery(of_demarche(meetings, "demarche").annotate(last=Max("starts_at")).values("last")),
        "reserve": Subquery(running.values(said=JSONObject(ends_on="ends_on", reason="reason"))[:1]),
        "held": number_of(held.exclude(pk__in=Actualite.objects.to_announce().values("pk")), "demarche"),
    }


def of(user: Visitor, demarche: Any) -> list[Task]:
    """Of a démarche that was read with its `counts`."""
    if demarche.state != DemarcheState.PUBLISHED:
        return []
    tasks = []
    if demarche.late and can_write(user, demarche):
        tasks.append(_late(demarche.late))
    if can_run(user, demarche):
        due = [lack for lack in lacks_said(demarche.owed) if _is_due(lack, demarche.over)]
        if due:
            url = reverse("admin:consultation_demarche_archiver", args=[demarche.pk])
            tasks.append(Task("La démarche doit ce que la loi demande", url, " ".join(one.sentence for one in due)))
        if demarche.voted_on and not _has_bilan(demarche):
            tasks.append(_propose(demarche))
    return [*tasks, _reserve(demarche)] if demarche.reserve else tasks


def _late(number: int) -> Task:
    return Task(
        counted(number, "suite donnée est en retard", "suites données sont en retard"),
        f"{reverse('admin:consultation_suite_changelist')}?retard=oui",
        "Leur échéance est passée : dites où elles en sont, ou pourquoi elles attendent.",
    )


def _is_due(lack: Lack, over: list[str]) -> bool:
    """What the law asks for, of the étapes that are over (CRPA, L131-1)."""
    opens = next(name for name, whats in LEFT_BY.items() if lack.what in whats)
    return any(opens in REGLES[kind].opens for kind in over)


def _has_bilan(demarche: Any) -> bool:
    """A public meeting of that time is in the agenda."""
    since = local_midnight(demarche.voted_on + timedelta(days=365) - NEAR)
    return bool(demarche.last_meeting and demarche.last_meeting >= since)


def _propose(demarche: Any) -> Task:
    """A year after the vote."""
    asked = {"demarche": demarche.pk, "kind": RencontreKind.REUNION, "title": "Bilan des suites données"}
    return Task(
        "Un an après : proposer une rencontre « Bilan des suites »",
        f"{reverse('admin:consultation_rencontre_add')}?{urlencode(asked)}",
        f"La politique a été votée le {day_label(demarche.voted_on, weekday=False)}. Cochez ensuite, depuis sa page,"
        " les suites qu’elle présente.",
    )


def _reserve(demarche: Any) -> Task:
    """That it runs, until when, and how many news wait for its end."""
    until = day_label(date.fromisoformat(demarche.reserve["ends_on"]), weekday=False)
    more = f"Jusqu’au {until} : {demarche.reserve['reason']}."
    if demarche.held:
        more += f" {counted(demarche.held, 'actualité attend', 'actualités attendent')} sa fin, ou d’être confirmée."
    url = f"{reverse('admin:consultation_actualite_changelist')}?announced_at__isempty=1"
    if digests := len(waiting(demarche.pk)):
        more += f" {counted(digests, 'actualité parue avant attend', 'actualités parues avant attendent')} les résumés"
        more += " par courriel, qui partiront le matin qui suit."
        url = reverse("admin:consultation_actualite_changelist") if not demarche.held else url
    return Task("Une période de réserve court", url, more)

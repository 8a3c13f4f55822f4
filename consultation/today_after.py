"""What presses after the vote: suites that are late, what a démarche owes by law, the bilan a year after; and what a
période de réserve holds back."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from consultation.choices import DemarcheState, RencontreKind
from consultation.endings import Lack, lacks_of
from consultation.models import Actualite, Adoption, Demarche, Etape, Rencontre, Reserve, Suite
from consultation.models.suite import a_year_before
from consultation.permissions import Visitor, can_read, can_run, can_write, visible_demarches
from consultation.today import Task, counted
from socle.dates import day_label, local_midnight

NEAR = timedelta(days=90)  # a meeting that close to the anniversary is the bilan
# What an étape that is over should have left: what is owed, by what such an étape opens.
OWED = {"synthese": ("synthese",), "suites": ("suites", "articles")}


def after(user: Visitor) -> list[Task]:
    """Five queries, whatever the number of démarches; one where none is read."""
    if not can_read(user, None):
        return []
    rows = list(visible_demarches(user).filter(state=DemarcheState.PUBLISHED))
    if not rows:
        return []
    several = len(rows) > 1
    found = [*_late(user, rows), *_overdue(user, rows), *_bilan(user, rows), *_reserves(rows)]
    return [
        Task(f"{task.what} – {demarche.title}" if several else task.what, task.url, task.more)
        for demarche, task in found
    ]


def _late(user: Visitor, rows: list[Demarche]) -> list[tuple[Demarche, Task]]:
    path = "passage__version__texte__demarche"
    late = Suite.objects.late().filter(**{f"{path}__in": rows}).order_by().values_list(path)
    numbers = dict(late.annotate(Count("pk")))
    return [
        (
            demarche,
            Task(
                counted(numbers[demarche.pk], "suite donnée est en retard", "suites données sont en retard"),
                f"{reverse('admin:consultation_suite_changelist')}?retard=oui",
                "Leur échéance est passée : dites où elles en sont, ou pourquoi elles attendent.",
            ),
        )
        for demarche in rows
        if demarche.pk in numbers and can_write(user, demarche)
    ]


def _overdue(user: Visitor, rows: list[Demarche]) -> list[tuple[Demarche, Task]]:
    """What the law asks for, of the étapes that are over (CRPA, L131-1)."""
    run = [demarche for demarche in rows if can_run(user, demarche)]
    over: dict[int, list[Etape]] = {}
    for etape in Etape.objects.filter(demarche__in=run, ends_on__lt=timezone.localdate()):
        over.setdefault(etape.demarche_id, []).append(etape)
    owed = lacks_of(over) if over else {}
    found = []
    for demarche in run:
        late = [lack for lack in owed.get(demarche.pk, []) if _is_due(lack, over[demarche.pk])]
        if late:
            url = reverse("admin:consultation_demarche_archiver", args=[demarche.pk])
            said = " ".join(lack.sentence for lack in late)
            found.append((demarche, Task("La démarche doit ce que la loi demande", url, said)))
    return found


def _is_due(lack: Lack, over: list[Etape]) -> bool:
    opens = next(name for name, whats in OWED.items() if lack.what in whats)
    return any(opens in etape.regle.opens for etape in over)


def _bilan(user: Visitor, rows: list[Demarche]) -> list[tuple[Demarche, Task]]:
    """A year after the vote, where no public meeting of that time is in the agenda."""
    voted = Adoption.objects.filter(
        adopted=True, deliberation_on__lte=a_year_before(), texte__demarche__in=rows, politique__current__isnull=False
    )
    found = []
    for adoption in voted.select_related("texte__demarche", "politique"):
        demarche = adoption.texte.demarche
        if can_run(user, demarche) and not _has_bilan(demarche, adoption.deliberation_on):
            found.append((demarche, _propose(demarche, adoption)))
    return found


def _has_bilan(demarche: Demarche, voted_on: date | None) -> bool:
    if voted_on is None:
        return False
    since = local_midnight(voted_on + timedelta(days=365) - NEAR)
    rows = Rencontre.objects.filter(demarche=demarche, kind=RencontreKind.REUNION, starts_at__gte=since)
    return rows.exclude(state="annulee").exists()


def _propose(demarche: Demarche, adoption: Adoption) -> Task:
    asked = {"demarche": demarche.pk, "kind": RencontreKind.REUNION, "title": "Bilan des suites données"}
    voted = day_label(adoption.deliberation_on, weekday=False) if adoption.deliberation_on else ""
    return Task(
        "Un an après : proposer une rencontre « Bilan des suites »",
        f"{reverse('admin:consultation_rencontre_add')}?{urlencode(asked)}",
        f"La politique a été votée le {voted}. Dites ensuite, sur chaque suite, qu’elle y est présentée.",
    )


def _reserves(rows: list[Demarche]) -> list[tuple[Demarche, Task]]:
    """That it runs, until when, and how many news wait for its end."""
    by_pk = {demarche.pk: demarche for demarche in rows}
    shown = Actualite.objects.published().values("pk")
    found = []
    for reserve in Reserve.objects.running().filter(demarche__in=rows):
        waits = Actualite.objects.filter(
            demarche=reserve.demarche_id, published_at__lte=timezone.now(), announced_at__isnull=True
        ).exclude(pk__in=shown)
        number = waits.count()
        more = f"Jusqu’au {day_label(reserve.ends_on, weekday=False)} : {reserve.reason}."
        if number:
            more += f" {counted(number, 'actualité attend', 'actualités attendent')} sa fin, ou d’être confirmée."
        url = f"{reverse('admin:consultation_actualite_changelist')}?announced_at__isempty=1"
        found.append((by_pk[reserve.demarche_id], Task("Une période de réserve court", url, more)))
    return found

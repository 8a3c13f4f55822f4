"""How many contributions, by origin: counted up to a limit, never added together (design §8 and §9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import DurationField, F, IntegerField, Subquery, Value

from consultation.choices import Origine
from consultation.models import Contribution, Demarche
from consultation.models.contribution import ContributionQuerySet
from socle.written import grouped

LIMIT = 2000  # of each origin
FILTERED_LIMIT = 500  # of a list that no index counts: rows are read one by one
NBSP = "\u00a0"


class CappedCount(Subquery):
    """The number of rows of a queryset that is already cut."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class Median(Subquery):
    """The median of `value` in the rows of a queryset that is already cut; None of no row."""

    template = "(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) FROM (%(subquery)s) ordered)"
    output_field = DurationField()


def capped_count(rows: ContributionQuerySet) -> CappedCount:
    return CappedCount(rows.order_by().values(one=Value(1))[: LIMIT + 1])


def by_origine(rows: ContributionQuerySet, demarche: Demarche, origine: str = "") -> dict[str, int]:
    """For each origin, the number of `rows`, at most LIMIT + 1; one query that reads no more than that.

    Réactions are left out: they answer contributions, and are never added to them.
    """
    rows = rows.without_reactions()
    asked = [origine] if origine else Origine.values
    counts: dict[str, Any] = {f"n_{value}": capped_count(rows.filter(origine=value)) for value in asked}
    found = Demarche.objects.filter(pk=demarche.pk).annotate(**counts).values_list(*counts).first()
    return {value: number for value, number in zip(asked, found or (), strict=False) if number}


def of_newest(rows: ContributionQuerySet) -> tuple[dict[str, int], bool]:
    """By origin, the newest FILTERED_LIMIT rows; and whether there are others, when these counts say nothing."""
    sql, params = rows.newest().values("origine")[: FILTERED_LIMIT + 1].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT origine, count(*) FROM ({sql}) newest GROUP BY origine", params)  # noqa: S608
        counts = dict(cursor.fetchall())
    return counts, sum(counts.values()) > FILTERED_LIMIT


def sentence(counts: dict[str, int]) -> str:
    """« 310 en ligne, 41 sur papier »; « plus de 2 000 en ligne » where counting stopped."""
    return ", ".join(f"{capped(counts[value])} {_label(value)}" for value in Origine.values if counts.get(value))


def _label(origine: str) -> str:
    return "par reprise d’un autre outil" if origine == Origine.IMPORT else str(Origine(origine).label)


def capped(number: int) -> str:
    return f"plus de {grouped(LIMIT)}" if number > LIMIT else grouped(number)


def of_questions(demarche: Demarche) -> str:
    """« Avec une réponse : 12, en attente : 3, dont en retard : 1, délai médian : 9 jours. »; empty of none."""
    asked = Contribution.objects.questions().filter(demarche=demarche)
    delay = F("service_answer__published_at") - F("published_at")
    found = (
        Demarche.objects.filter(pk=demarche.pk)
        .annotate(
            answered=capped_count(asked.answered()),
            waiting=capped_count(asked.unanswered()),
            late=capped_count(asked.overdue()),
            median=Median(asked.answered().newest().annotate(value=delay).values("value")[:LIMIT]),
        )
        .values_list("answered", "waiting", "late", "median")
    )
    return _questions_sentence(*found.get())


def _questions_sentence(answered: int, waiting: int, late: int, median: timedelta | None) -> str:
    if not answered + waiting:
        return ""
    said = [f"Avec une réponse{NBSP}: {capped(answered)}", f"en attente{NBSP}: {capped(waiting)}"]
    if late:
        said.append(f"dont en retard{NBSP}: {capped(late)}")
    if median is not None:
        days = round(median / timedelta(days=1))
        said.append(
            f"délai médian{NBSP}: {f'{days}{NBSP}jours' if days > 1 else 'un jour' if days else 'moins d’un jour'}"
        )
    return ", ".join(said) + "."

"""Dates inside sentences, `{etape 3, jours}`, `{rencontre lancement, mois}`: they follow when the dates move."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from participons.programme.when import When
from socle.dates import MONTHS, Precision, day_label

_HOLE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"((?:etape|rencontre) [\w-]+)(?:, (\w+))?")


def _month(when: When) -> str:
    return MONTHS[when.start.month - 1]


def _day(when: When) -> str:
    return day_label(when.start, weekday=False, year=False)


def _days(when: When) -> str:
    return f"du {_day(when)} au {day_label(when.end, weekday=False, year=False)}"


FORMS: Mapping[str | None, Callable[[When], str]] = {
    None: lambda when: when.label,
    "mois": _month,
    "jour": _day,
    "jours": _days,
}


def fill(text: str, dates: Mapping[str, When]) -> str:
    """The text with its dates written in; raises ValueError on a hole that names nothing."""

    def words(hole: re.Match[str]) -> str:
        name = _NAME.fullmatch(hole[1].strip())
        if not name or name[1] not in dates or name[2] not in FORMS:
            raise ValueError(
                f"« {hole[0]} » ne désigne aucune date : on écrit {{etape 3}}, {{etape 3, jours}}, "
                "{rencontre forum, jour} ou {rencontre forum, mois}."
            )
        when = dates[name[1]]
        if name[2] in ("jour", "jours") and when.precision in (Precision.MONTH, Precision.SEASON):
            raise ValueError(f"« {hole[0]} » : cette date n’est pas connue au jour.")
        return FORMS[name[2]](when)

    filled = _HOLE.sub(words, text)
    if "{" in filled or "}" in filled:
        raise ValueError("une accolade reste ouverte ou sans sa pareille.")
    return filled

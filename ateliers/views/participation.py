"""Who came back from one séance to the next, in numbers."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ateliers.models import Atelier
from ateliers.participation import Line, participation
from ateliers.views.ateliers import until
from consultation.drawing import Bar, Numbers, bars
from socle.pagecache.decorators import public_page
from socle.smallnumbers import FEWEST

MASKED = ("hidden-part", "masqué")
WORDS = ("une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")


@public_page(until=until)
def atelier_participation(request: HttpRequest, slug: str, rank: int) -> HttpResponse:
    shown = Atelier.objects.published().with_example().select_related("demarche")
    atelier = get_object_or_404(shown, demarche__slug=slug, rank=rank)
    found = participation(atelier)
    keys = [_key(number, len(found.seances)) for number in range(1, len(found.seances) + 1)]
    tables = [("Par collège", "Collège", found.colleges), ("Par territoire", "Intercommunalité", found.territories)]
    context = {
        "demarche": atelier.demarche,
        "atelier": atelier,
        "found": found,
        "keys": keys,
        "keys_masked": [*keys, MASKED],
        "counts": [(label, number) for (_, label), number in zip(keys, found.once_and_more, strict=False)],
        "bars": bars([_total(*one) for one in zip(keys, found.once_and_more, strict=False)], same_length=False),
        "tables": [(title, head, lines, _drawn(keys, lines)) for title, head, lines in tables],
        "fewest": FEWEST,
    }
    return render(request, "ateliers/participation.html", context)


def _key(number: int, seances: int) -> tuple[str, str]:
    """How it is filled, the fullest for those who came to all; and « deux séances »."""
    words = WORDS[number - 1] if number <= len(WORDS) else str(number)
    return f"p{max(1, 4 - seances + number)}", f"{words} séance{'s' if number > 1 else ''}"


def _total(key: tuple[str, str], number: int) -> tuple[str, Numbers]:
    kind, label = key
    return label[:1].upper() + label[1:], [(kind, label, number)]


def _drawn(keys: list[tuple[str, str]], lines: Iterable[Line]) -> list[Bar]:
    """What is masked is one part of its bar, as long as the table already says; no bar where the total is masked."""
    rows: list[tuple[str, Numbers]] = []
    for line in lines:
        if line.total is not None:
            known = [(*key, number or 0) for key, number in zip(keys, line.numbers, strict=True)]
            rest = line.total - sum(number for *_, number in known)
            rows.append((line.label, [*known, (*MASKED, rest)]))
    return bars(rows, same_length=False)

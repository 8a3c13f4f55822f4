"""Our own export, read back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils import timezone

from consultation.choices import Display, Nature, Origine, SpeaksAs, Stance
from consultation.columns import BY_NAME
from consultation.imports.layout import (
    SHIFTED,
    Cells,
    Context,
    Layout,
    theme_of,
)
from consultation.imports.rows import BadRowError, Draft, moment, title_and_body
from socle.exports.formats import continuation
from socle.text import clean_text, fold


def _one_of(cells: Cells, thing: str, allowed: Sequence[str], default: str) -> str:
    value = cells.get(thing, "").strip() or default
    if value not in allowed:
        raise BadRowError(
            BY_NAME[thing].header, f"« {value[:60]} » est inconnu.", f"Écrivez l’un de : {', '.join(allowed)}."
        )
    return value


def _line(cells: Cells, thing: str, limit: int) -> str:
    value = clean_text(cells.get(thing, ""), multiline=False)
    if len(value) > limit:
        raise BadRowError(BY_NAME[thing].header, f"{len(value)} caractères, {limit} au plus.", "Raccourcissez.")
    return value


def _participons(cells: Cells, context: Context) -> Draft:
    """Our own export, its full columns or the open ones."""
    lookup = context.lookup
    body = cells["body"] + "".join(cells.get(f"body {part}", "") for part in range(1, CONTINUATIONS + 1))
    title, body = title_and_body(cells["title"], body, ("titre", "texte"))
    reference = cells["reference"].strip()
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,7}-\d{1,18}", reference):
        raise BadRowError("référence", f"« {reference[:60]} » n’est pas une référence.", SHIFTED)
    code, _, number = reference.partition("-")
    name = _line(cells, "author_name", 120) or _line(cells, "signature", 120)
    display = cells.get("display", "").strip() or (Display.NAMED if name else Display.ANONYMOUS)
    submitted_at = moment(cells.get("submitted_at", "") or cells.get("published_at", ""), "reçue le", required=False)
    code_insee = cells.get("commune_code", "").strip()
    commune_name = _line(cells, "commune_name", 120)
    return Draft(
        source=_line(cells, "import_source", 80) or "participons",
        key=_line(cells, "import_key", 120) or reference,
        title=title,
        body=body,
        submitted_at=submitted_at or timezone.now(),
        nature=_one_of(cells, "nature", Nature.values, Nature.PROPOSITION),
        theme_id=_own_theme(cells, context),
        college_id=_college(cells, context),
        stance=_one_of(cells, "stance", ["", *Stance.values], ""),
        display=display if display in Display.values and name else Display.ANONYMOUS,
        author_name=name,
        speaks_as=_one_of(cells, "speaks_as", SpeaksAs.values, SpeaksAs.PERSONAL),
        organisation=_line(cells, "organisation", 160),
        people_count=_people_count(cells),
        function=_line(cells, "function", 120),
        commune_name=commune_name,
        commune_id=code_insee if code_insee in lookup.codes else lookup.commune(commune_name),
        origine=_one_of(cells, "origine", Origine.values, Origine.IMPORT),
        place_label=_line(cells, "place_label", 200),
        example=cells.get("example", "").strip() == "oui",
        enjeux=_enjeux(cells, context),
        reference=reference,
        own_id=int(number) if code == lookup.demarche.code else None,
        parent=cells.get("parent", "").strip(),
    )


def _people_count(cells: Cells) -> int | None:
    """Of a class or a group; what is written beside another author is not looked at."""
    typed = cells.get("people_count", "").strip()
    if not typed or cells.get("speaks_as", "").strip() != SpeaksAs.GROUP:
        return None
    if not (typed.isdecimal() and len(typed) < 5 and int(typed) > 1):
        raise BadRowError("nombre de personnes", f"« {typed[:20]} » n’en est pas un.", "Corrigez ou videz la cellule.")
    return int(typed)


def _own_theme(cells: Cells, context: Context) -> int | None:
    question, rank = cells.get("theme", "").strip(), cells.get("theme_rank", "").strip()
    if question:
        return theme_of(question, context)
    if not rank:
        return None
    if not rank.isdecimal() or int(rank) not in context.lookup.theme_ranks:
        raise BadRowError("thème (rang)", f"aucun thème n’a le rang « {rank[:20]} ».", "Corrigez ou videz la cellule.")
    return context.lookup.theme_ranks[int(rank)]


def _college(cells: Cells, context: Context) -> int | None:
    label = cells.get("college", "").strip()
    if not label:
        return None
    college = context.lookup.colleges.get(fold(label))
    if college is None:
        context.report.notes[f"Collège « {clean_text(label, multiline=False)[:120]} » : absent de la démarche"] += 1
    return college


def _enjeux(cells: Cells, context: Context) -> tuple[int, ...]:
    ranks = [rank.strip() for rank in cells.get("enjeux", "").split(",") if rank.strip()]
    unknown = [rank for rank in ranks if not rank.isdecimal() or int(rank) not in context.lookup.enjeux]
    if unknown:
        raise BadRowError(
            "enjeux (rangs)", f"aucun enjeu n’a le rang « {unknown[0][:20]} ».", "Corrigez ou videz la cellule."
        )
    return tuple(context.lookup.enjeux[int(rank)] for rank in ranks)


CONTINUATIONS = 8  # more than the longest text stored can need
PARTICIPONS = Layout(
    "participons",
    "export de Participons",
    {name: (column.header, name) for name, column in BY_NAME.items()}
    | {f"body {part}": (continuation(BY_NAME["body"].header, part),) for part in range(1, CONTINUATIONS + 1)},
    ("reference", "title", "body"),
    _participons,
    quoted=True,
)

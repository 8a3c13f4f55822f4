"""What a row becomes, and what is said when it cannot."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from consultation.choices import Display, Nature, Origine, SpeaksAs
from consultation.models import College, Commune, Demarche, Enjeu, Theme
from consultation.models.contribution import STORED_BODY_LENGTH, STORED_TITLE_LENGTH
from socle.text import clean_text, fold, sort_key

SHOWN_PROBLEMS = 500
EARLIEST = 1990
_ANY_DATE = re.compile(r"\s*(\d{2}/\d{2}/\d{4}|\d{4}-\d{2}-\d{2})([ T]\d{1,2}:\d{2}(:\d{2})?( ?[+-]\d{2}:?\d{2})?)?\s*")
_FORMATS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S UTC")


@dataclass(frozen=True)
class Problem:
    """One thing wrong on one line: in which column, what, and what to do."""

    line: int
    column: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"Ligne {self.line}, {self.column} : {self.what} {self.remedy}"


class BadRowError(Exception):
    def __init__(self, column: str, what: str, remedy: str) -> None:
        super().__init__(what)
        self.column, self.what, self.remedy = column, what, remedy


@dataclass
class Draft:
    """A contribution to be; `reference` and `parent` are those of the file."""

    source: str
    key: str
    title: str
    body: str
    submitted_at: datetime
    nature: str = Nature.PROPOSITION
    theme_id: int | None = None
    college_id: int | None = None
    stance: str = ""
    display: str = Display.ANONYMOUS
    author_name: str = ""
    speaks_as: str = SpeaksAs.PERSONAL
    organisation: str = ""
    people_count: int | None = None
    function: str = ""
    commune_name: str = ""
    commune_id: str | None = None
    origine: str = Origine.IMPORT
    place_label: str = ""
    example: bool = False
    enjeux: tuple[int, ...] = ()
    reference: str = ""
    own_id: int | None = None
    parent: str = ""


@dataclass
class Report:
    """What was read, what was written, and why the rest was not."""

    mapping: str = ""
    description: str = ""
    read: int = 0
    good: int = 0
    added: int = 0
    existing: int = 0
    changed: int = 0
    bad: int = 0
    written: bool = False
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def refuse(self, line: int, error: BadRowError) -> None:
        self.bad += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(Problem(line, error.column, error.what, error.remedy))

    def warn(self, line: int, column: str, what: str, remedy: str = "") -> None:
        if len(self.warnings) < SHOWN_PROBLEMS:
            self.warnings.append(Problem(line, column, what, remedy))

    @property
    def unlisted(self) -> int:
        return self.bad - len(self.problems)


class Lookup:
    """The words of a démarche, found by what a file may call them."""

    def __init__(self, demarche: Demarche) -> None:
        self.demarche = demarche
        self.themes = {fold(theme.question): theme.pk for theme in Theme.objects.filter(demarche=demarche)}
        self.theme_ranks = dict(Theme.objects.filter(demarche=demarche).values_list("rank", "pk"))
        self.enjeux = dict(Enjeu.objects.filter(demarche=demarche).values_list("rank", "pk"))
        self.colleges = {fold(one.label): one.pk for one in College.objects.filter(demarche=demarche)}
        self.communes: dict[str, str | None] = {}
        self.codes = set()
        for code, key in Commune.objects.values_list("insee_code", "sort_key").iterator():
            self.codes.add(code)
            self.communes[key] = None if key in self.communes else code  # two of one name: not guessed

    def commune(self, name: str) -> str | None:
        return self.communes.get(sort_key(name)) if name else None


def title_and_body(title: str, body: str, columns: tuple[str, str]) -> tuple[str, str]:
    """Both cleaned; BadRowError where one is missing, too long, or holds a date that slid from its column."""
    shift = "Les colonnes sont décalées : un guillemet ou un séparateur manque avant cette cellule."
    for value, column in zip((title, body), columns, strict=True):
        if _ANY_DATE.fullmatch(value):
            raise BadRowError(column, f"la date « {value.strip()} » est à la place d’un texte.", shift)
    title, body = clean_text(title, multiline=False), clean_text(body, multiline=True)
    limits = (STORED_TITLE_LENGTH, STORED_BODY_LENGTH)
    for value, column, limit in zip((title, body), columns, limits, strict=True):
        if not value:
            raise BadRowError(column, "la cellule est vide.", "Complétez-la, ou retirez la ligne.")
        if len(value) > limit:
            raise BadRowError(column, f"{len(value)} caractères, {limit} au plus.", "Raccourcissez ce texte.")
    return title, body


def moment(value: str, column: str, *, required: bool = True) -> datetime | None:
    """An aware date; one without a zone is in Paris time."""
    value = value.strip()
    if not value:
        if required:
            raise BadRowError(column, "la date est vide.", "Indiquez-la : AAAA-MM-JJ HH:MM.")
        return None
    found = _parse(value)
    if found is None:
        raise BadRowError(
            column, f"« {value[:60]} » n’est pas une date.", "Écrivez AAAA-MM-JJ HH:MM ou JJ/MM/AAAA HH:MM."
        )
    found = found if timezone.is_aware(found) else timezone.make_aware(found)
    if found.year < EARLIEST or found > timezone.now() + timedelta(days=1):
        raise BadRowError(column, f"la date « {value[:60]} » n’est pas possible.", "Corrigez l’année.")
    return found


def _parse(value: str) -> datetime | None:
    if not _ANY_DATE.fullmatch(value.removesuffix(" UTC").removesuffix("Z").strip()):
        return None
    try:
        return datetime.fromisoformat(value.replace(" +", "+").replace(" -", "-"))
    except ValueError:
        pass
    for pattern in _FORMATS:
        try:
            found = datetime.strptime(value, pattern)  # noqa: DTZ007 (made aware by the caller)
        except ValueError:
            continue
        return found.replace(tzinfo=timezone.get_fixed_timezone(0)) if pattern.endswith("UTC") else found
    return None

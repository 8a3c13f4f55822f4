"""What a version of a texte has treated, in figures: read from the functions of migrations 0023 and 0031.

The figures are counted by one query. While a version is written they are kept on its row, since they are always in
sight: counted anew by each act where that is quick, by the worker where it is not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from consultation.choices import Origine, ReponseKind
from consultation.models import Citation, Contribution, Reponse, TexteVersion
from consultation.models.contribution import ContributionQuerySet
from socle.written import grouped

NBSP = "\u00a0"
# One, several: what came from each origin, in words that a sentence can hold.
SAID = {
    Origine.ONLINE: ("en ligne", "en ligne"),
    Origine.PAPER: ("sur papier", "sur papier"),
    Origine.POST: ("par courrier", "par courrier"),
    Origine.PHONE: ("par téléphone", "par téléphone"),
    Origine.SEANCE: ("production d’atelier", "productions d’ateliers"),
    Origine.FORUM: ("au forum", "au forum"),
    Origine.IMPORT: ("reprise d’un autre outil", "reprises d’un autre outil"),
}

NOTHING = "Aucune contribution n’est à traiter"
BEFORE = "Rien de plus à traiter{nbsp}: ce qui a été reçu à temps l’est déjà dans un texte paru avant"

RULE = (
    "La graine, deux-points et le numéro de chaque contribution traitée, écrits à la suite en UTF-8 (« graine:17 »), "
    "donnent une empreinte SHA-256. Rangées par ordre croissant de leur empreinte, les premières sont relues."
)


@dataclass(frozen=True)
class Coverage:
    """The numbers of one version; contributions of different origins are never added without saying which."""

    origines: dict[str, int]
    reponses: dict[str, int]
    taken_up: int = 0
    by_lot: int = 0
    left: int = 0
    waiting: int = 0
    refused: int = 0
    withdrawn: int = 0
    passages: int = 0
    bare: int = 0
    drawn: int = 0
    checked: int = 0
    disagreed: int = 0
    unsettled: int = 0
    earlier: int = 0
    draws: tuple[dict[str, Any], ...] = ()
    counted_at: datetime | None = None

    @classmethod
    def of(cls, version: TexteVersion) -> Coverage:
        """What its row says; all zero before the first count."""
        return cls.read(version.figures, version.counted_at)

    @classmethod
    def read(cls, figures: dict[str, Any], counted_at: datetime | None = None) -> Coverage:
        names = {
            "taken_up": "reprises",
            "by_lot": "lot",
            "left": "reste",
            "waiting": "en_attente",
            "refused": "refusees",
            "withdrawn": "retirees",
            "passages": "passages",
            "bare": "sans_source",
            "drawn": "tirees",
            "checked": "relues",
            "disagreed": "desaccords",
            "unsettled": "a_reprendre",
            "earlier": "avant",
        }
        counts: dict[str, Any] = {name: figures.get(stored, 0) for name, stored in names.items()}
        counts["draws"] = tuple(_draw(one) for one in figures.get("tirages", []))
        return cls(figures.get("origines", {}), figures.get("reponses", {}), **counts, counted_at=counted_at)

    @property
    def total(self) -> int:
        return sum(self.origines.values())

    @property
    def answered(self) -> int:
        return sum(self.reponses.values())

    @property
    def treated(self) -> int:
        return self.total - self.left

    @property
    def percent(self) -> int:
        """Rounded down: 100 is said when nothing is left."""
        return self.treated * 100 // self.total if self.total else 100

    @property
    def said_origines(self) -> str:
        """« 1 020 en ligne, 127 sur papier, 96 productions d’ateliers »."""
        counts = ((self.origines.get(origine, 0), words) for origine, words in SAID.items())
        return ", ".join(f"{grouped(number)} {words[number > 1]}" for number, words in counts if number)

    @property
    def said_reponses(self) -> str:
        """« 12 déjà prévues » and so on, by kind; the words of the choices, in the order of the choices."""
        kinds = ((ReponseKind(kind).label, self.reponses.get(kind, 0)) for kind in ReponseKind.values)
        return ", ".join(f"{label}{NBSP}: {grouped(number)}" for label, number in kinds if number)

    @property
    def sentence(self) -> str:
        """What the public page says of a version that treats all it owes."""
        if not self.total:
            return f"{self.shortfall}."
        if self.total == 1:
            who, done = f"La contribution reçue ({self.said_origines}) a été lue et traitée", "reprise"
            return f"{who}{NBSP}: elle est {done}." if self.taken_up else f"{who}{NBSP}: elle a reçu une réponse."
        taken_up = f"{grouped(self.taken_up)} reprise{'s' if self.taken_up > 1 else ''}"
        done = ", ".join([taken_up, *([self.said_answered] if self.answered else [])])
        return f"Les {grouped(self.total)} contributions ({self.said_origines}) ont été lues et traitées{NBSP}: {done}."

    @property
    def said_answered(self) -> str:
        """« 431 non retenues avec un motif, dont 120 par lot »; an answer may also say that it was already planned."""
        kept_out = self.reponses.get(ReponseKind.NOT_KEPT) == self.answered
        how = f"non retenue{'s' if self.answered > 1 else ''} avec un motif" if kept_out else "avec une réponse motivée"
        lot = f", dont {grouped(self.by_lot)} par lot" if self.by_lot else ""
        return f"{grouped(self.answered)} {how}{lot}"

    @property
    def shortfall(self) -> str:
        """« 1 180 sur 1 243 contributions traitées »: how far a version has come."""
        if not self.total:
            return BEFORE.format(nbsp=NBSP) if self.earlier else NOTHING
        if self.total == 1:
            return f"La seule contribution à traiter {'ne l’est pas encore' if self.left else 'l’est'}"
        if not self.left:
            return f"Les {grouped(self.total)} contributions sont traitées"
        if not self.treated:
            return f"Aucune des {grouped(self.total)} contributions n’est encore traitée"
        return f"{grouped(self.treated)} sur {grouped(self.total)} contributions traitées"

    @property
    def reread(self) -> str:
        """« Relues : 60 sur 1 243 ; désaccord : 5 % », of those that a second person read again; empty of none."""
        if not self.drawn:
            return ""
        of = f"{grouped(self.checked)} sur {grouped(self.treated)}"
        more = f", {grouped(self.drawn)} sont tirées au sort" if self.checked < self.drawn else ", tirées au sort"
        rate = f"{NBSP}; désaccord{NBSP}: {self.disagreement}" if self.checked else ""
        return f"Relues par une seconde personne{NBSP}: {of}{more}{rate}."

    @property
    def rule(self) -> str:
        """How those were drawn."""
        return RULE

    @property
    def disagreement(self) -> str:
        """« 5 % », rounded; what is little is not said to be nothing."""
        rate = round(100 * self.disagreed / self.checked)
        if not self.disagreed:
            return "aucun"
        return f"{rate}{NBSP}%" if rate else f"moins de 1{NBSP}%"

    @property
    def set_aside(self) -> str:
        """« 3 refusées et 2 retirées »; empty of none."""
        said = [
            f"{grouped(number)} {word}{'s' if number > 1 else ''}"
            for number, word in ((self.refused, "refusée"), (self.withdrawn, "retirée"))
            if number
        ]
        return " et ".join(said)


def _draw(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "seed": said["graine"],
        "pool": said["parmi"],
        "size": said["tirees"],
        "at": datetime.fromisoformat(said["le"]),
    }


def count(version: TexteVersion) -> dict[str, Any]:
    """The figures of a version as it is now; one query, that reads all it owes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consultation_texte_figures(%s)::text", [version.pk])
        figures: dict[str, Any] = json.loads(cursor.fetchone()[0])
    return figures


class Cites(Func):
    """Whether a version cites the contribution of the row, directly or through productions."""

    function = "consultation_cites"
    output_field = BooleanField()

    def __init__(self, version: int) -> None:
        super().__init__(Value(version), F("pk"))


def untreated(version: TexteVersion) -> ContributionQuerySet:
    """What this version still owes an answer to; row by row, so that a page costs what its rows cost."""
    rows = Contribution.objects.for_synthese().filter(demarche=version.texte.demarche_id)
    rows = rows.filter(submitted_at__lt=version.received_before) if version.received_before else rows.none()
    for texte, of_version, number in [(version.texte_id, version.pk, version.number), *earlier(version)]:
        rows = rows.exclude(Exists(_answers(texte, number))).exclude(Exists(_direct(of_version)))
        # The climb costs a function: it is asked only of the few that a production cites.
        rows = rows.exclude(Q(Exists(_by_production())) & Q(Cites(of_version)))
    return rows


class Earlier(Func):
    """The textes that answer already for what they treat: (texte, version, number) of each, beside a version."""

    template = (
        "ARRAY(SELECT ARRAY[e.texte_id, e.version_id, e.number::bigint] FROM consultation_earlier(%(expressions)s) e)"
    )
    output_field = ArrayField(ArrayField(BigIntegerField()))


def earlier(version: TexteVersion) -> list[list[int]]:
    """A query, but where it was read with the version (`earlier=Earlier("pk")`)."""
    known: list[list[int]] | None = getattr(version, "earlier", None)
    if known is None:
        known = TexteVersion.objects.values_list(Earlier("pk"), flat=True).get(pk=version.pk)
    return known


def _answers(texte: int, number: int) -> QuerySet[Reponse]:
    rows = Reponse.objects.filter(contribution=OuterRef("pk"), texte=texte, since__lte=number)
    return rows.exclude(until__lte=number)


def _by_production() -> QuerySet[Citation]:
    return Citation.objects.filter(cited=OuterRef("pk"), citing__isnull=False)


def _direct(version: int) -> QuerySet[Citation]:
    return Citation.objects.filter(cited=OuterRef("pk"), citing_passage__version=version)

"""What keeps a version of a texte from appearing, and what a provisional one that appeared still owes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from consultation import votes
from consultation.coverage import Coverage, count, untreated
from consultation.models import TexteVersion
from consultation.textes import Regle
from socle.written import grouped

SHOWN = 10  # references that are named


@dataclass(frozen=True)
class Lacks:
    """What keeps a version from appearing, in sentences: in any way, and as the definitive one."""

    always: list[str]
    definitive: list[str]

    def of(self, *, final: bool) -> list[str]:
        return [*self.always, *(self.definitive if final else [])]


def missing(version: TexteVersion, *, final: bool) -> list[str]:
    return lacks(version).of(final=final)


def lacks(version: TexteVersion, counted: Coverage | None = None) -> Lacks:
    """What is counted is what the trigger counts; `counted`: by who has just done so."""
    coverage = counted or Coverage.read(count(version))
    lost, bare = _numbers(version)
    return Lacks(_always(version, coverage, lost), _definitive(version, coverage, bare))


def _always(version: TexteVersion, coverage: Coverage, lost: list[int]) -> list[str]:
    said = []
    if not coverage.passages:
        said.append("Ce texte n’a aucun passage.")
    if version.texte.regle.treats and version.received_before is None:
        said.append("Il n’est pas arrêté : dites jusqu’à quel jour il traite les contributions reçues.")
    if lost:
        said.append(
            f"Des mots cités ne sont plus dans leur contribution ({_places(version, lost)}) : citez-les de nouveau."
        )
    return [*said, *(votes.missing_of_policy(version) if version.texte.regle.voted else [])]


def _definitive(version: TexteVersion, coverage: Coverage, bare: list[int]) -> list[str]:
    said = []
    if coverage.left:
        said.append(_left(version, coverage.left))
    if version.texte.regle.treats and coverage.waiting:
        many = coverage.waiting > 1
        said.append(
            f"{grouped(coverage.waiting)} contribution{'s' if many else ''} reçue{'s' if many else ''} à temps "
            f"attend{'ent' if many else ''} d’être modérée{'s' if many else ''}."
        )
    if bare:
        said.append(f"Sans source qu’on puisse lire : {_places(version, bare)}.")
    if coverage.unsettled:
        said.append(_unsettled(version, coverage.unsettled))
    return said


def owed(coverage: Coverage, regle: Regle) -> list[str]:
    """What is still to be done before the definitive version, as counted things."""
    return [
        f"{grouped(number)} {one if number == 1 else several}"
        for number, one, several in (
            (coverage.left, "contribution sans réponse", "contributions sans réponse"),
            (coverage.waiting, "contribution à modérer", "contributions à modérer"),
            (coverage.bare, f"{regle.passage} sans source", f"{regle.passages} sans source"),
            (coverage.unsettled, "désaccord de relecture à reprendre", "désaccords de relecture à reprendre"),
        )
        if number
    ]


def _left(version: TexteVersion, left: int) -> str:
    named = _named(version, untreated(version).order_by("pk").values_list("pk", flat=True)[:SHOWN], left)
    if left == 1:
        return f"Une contribution n’a ni citation ni réponse : {named}."
    return f"{grouped(left)} contributions n’ont ni citation ni réponse : {named}."


def _unsettled(version: TexteVersion, unsettled: int) -> str:
    """Of this version or of an earlier one: it is the texte that owes it."""
    with connection.cursor() as cursor:
        sql = "SELECT contribution_id FROM consultation_unsettled(%s) ORDER BY 1 LIMIT %s"
        cursor.execute(sql, [version.texte_id, SHOWN])
        named = _named(version, [pk for (pk,) in cursor.fetchall()], unsettled)
    if unsettled == 1:
        return f"Un désaccord de la seconde lecture attend d’être repris : {named}."
    return f"{grouped(unsettled)} désaccords de la seconde lecture attendent d’être repris : {named}."


def _named(version: TexteVersion, pks: Iterable[int], number: int) -> str:
    """The references of the first ones."""
    named = ", ".join(f"{version.texte.demarche.code}-{pk}" for pk in pks)
    return f"{named}…" if number > SHOWN else named


def _numbers(version: TexteVersion) -> tuple[list[int], list[int]]:
    """The passages that quote words that are gone, and those without a source."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ARRAY(SELECT DISTINCT number FROM consultation_lost_quotes(%(pk)s) ORDER BY 1),"
            " ARRAY(SELECT number FROM consultation_bare_passages(%(pk)s) ORDER BY 1)",
            {"pk": version.pk},
        )
        lost, bare = cursor.fetchone()
    return lost, bare


def _places(version: TexteVersion, numbers: list[int]) -> str:
    """« passages 3, 7 », in the word of this kind of texte."""
    regle = version.texte.regle
    named = ", ".join(map(str, numbers[:SHOWN])) + ("…" if len(numbers) > SHOWN else "")
    return f"{regle.passages if len(numbers) > 1 else regle.passage} {named}"

"""What keeps a version of a texte from appearing, and what a provisional one that appeared still owes."""

from __future__ import annotations

from django.db import connection

from consultation import votes
from consultation.coverage import Coverage, count
from consultation.figures import grouped
from consultation.models import TexteVersion
from consultation.textes import Regle

SHOWN = 10  # references that are named


def missing(version: TexteVersion, *, final: bool, counted: Coverage | None = None) -> list[str]:
    """What keeps this version from appearing, in sentences; what is counted is what the trigger counts.

    `counted`: by who has just done so.
    """
    coverage = counted or Coverage.read(count(version))
    treats = version.texte.regle.treats
    said = []
    if not coverage.passages:
        said.append("Ce texte n’a aucun passage.")
    if treats and version.received_before is None:
        said.append("Il n’est pas arrêté : dites jusqu’à quel jour il traite les contributions reçues.")
    if lost := _numbers("SELECT DISTINCT number FROM consultation_lost_quotes(%s) ORDER BY 1", version):
        said.append(
            f"Des mots cités ne sont plus dans leur contribution ({_places(version, lost)}) : citez-les de nouveau."
        )
    if version.texte.regle.voted:
        said += votes.missing_of_policy(version)
    if not final:
        return said
    if coverage.left:
        said.append(_left(version, coverage.left))
    if treats and coverage.waiting:
        many = coverage.waiting > 1
        said.append(
            f"{grouped(coverage.waiting)} contribution{'s' if many else ''} reçue{'s' if many else ''} à temps "
            f"attend{'ent' if many else ''} d’être modérée{'s' if many else ''}."
        )
    if bare := _numbers("SELECT number FROM consultation_bare_passages(%s) ORDER BY 1", version):
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
    treated = "SELECT contribution_id FROM consultation_treatments(%s) WHERE outcome = 'reste'"
    named = _named(treated, version.pk, version, left)
    if left == 1:
        return f"Une contribution n’a ni citation ni réponse : {named}."
    return f"{grouped(left)} contributions n’ont ni citation ni réponse : {named}."


def _unsettled(version: TexteVersion, unsettled: int) -> str:
    """Of this version or of an earlier one: it is the texte that owes it."""
    named = _named("SELECT contribution_id FROM consultation_unsettled(%s)", version.texte_id, version, unsettled)
    if unsettled == 1:
        return f"Un désaccord de la seconde lecture attend d’être repris : {named}."
    return f"{grouped(unsettled)} désaccords de la seconde lecture attendent d’être repris : {named}."


def _named(sql: str, pk: int, version: TexteVersion, number: int) -> str:
    """The references of the first ones."""
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY 1 LIMIT %s", [pk, SHOWN])
        code = version.texte.demarche.code
        named = ", ".join(f"{code}-{pk}" for (pk,) in cursor.fetchall())
    return f"{named}…" if number > SHOWN else named


def _numbers(sql: str, version: TexteVersion) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [version.pk])
        return [number for (number,) in cursor.fetchall()]


def _places(version: TexteVersion, numbers: list[int]) -> str:
    """« passages 3, 7 », in the word of this kind of texte."""
    regle = version.texte.regle
    named = ", ".join(map(str, numbers[:SHOWN])) + ("…" if len(numbers) > SHOWN else "")
    return f"{regle.passages if len(numbers) > 1 else regle.passage} {named}"

"""What keeps a version of a texte from appearing, in sentences; read from the functions that its trigger asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from consultation import votes
from consultation.coverage import Coverage, count, untreated
from consultation.figures import grouped
from consultation.models import TexteVersion

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
    treats = version.texte.regle.treats
    always, definitive = [], []
    if not coverage.passages:
        always.append("Ce texte n’a aucun passage.")
    if treats and version.received_before is None:
        always.append("Il n’est pas arrêté : dites jusqu’à quel jour il traite les contributions reçues.")
    if lost:
        always.append(
            f"Des mots cités ne sont plus dans leur contribution ({_places(version, lost)}) : citez-les de nouveau."
        )
    if version.texte.regle.voted:
        always += votes.missing_of_policy(version)
    if coverage.left:
        definitive.append(_left(version, coverage.left))
    if treats and coverage.waiting:
        many = coverage.waiting > 1
        definitive.append(
            f"{grouped(coverage.waiting)} contribution{'s' if many else ''} reçue{'s' if many else ''} à temps "
            f"attend{'ent' if many else ''} d’être modérée{'s' if many else ''}."
        )
    if bare:
        definitive.append(f"Sans source qu’on puisse lire : {_places(version, bare)}.")
    return Lacks(always, definitive)


def _left(version: TexteVersion, left: int) -> str:
    code = version.texte.demarche.code
    pks = untreated(version).order_by("pk").values_list("pk", flat=True)[:SHOWN]
    named = ", ".join(f"{code}-{pk}" for pk in pks)
    more = "…" if left > SHOWN else ""
    if left == 1:
        return f"Une contribution n’a ni citation ni réponse : {named}."
    return f"{grouped(left)} contributions n’ont ni citation ni réponse : {named}{more}."


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

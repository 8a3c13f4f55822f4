"""What the vote of a report, and the policy that comes of it, still lack: read from the functions of
migrations 0028 and 0029."""

from __future__ import annotations

from collections import defaultdict

from django.db import connection

from consultation.models import Adoption, TexteVersion

NO_VOTE = "La délibération qui l’a adoptée n’est pas enregistrée : une politique dit ce qui a été voté."
LACKS = {
    "sans_decision": "Sans décision",
    "amendement_ouvert": "Avec un amendement dont le sort n’est pas dit",
    "ajout_ouvert": "Suivie d’un article additionnel dont le sort n’est pas dit",
    "amendement_oublie": "Dite adoptée telle quelle, alors qu’un amendement a été adopté",
    "sans_amendement": "Dite amendée, alors qu’aucun amendement n’a été adopté",
    "autres_mots": "Dite amendée, avec d’autres mots que ceux de l’amendement adopté",
    "mots_du_rapport": "Dite adoptée en partie, avec tous les mots du rapport",
}
DIFFERS = {
    "absent": "Voté, et absent de la politique",
    "en_trop": "Dans la politique sans avoir été voté",
    "autres_mots": "Avec d’autres mots que ceux qui ont été votés",
    "liaison": "Liaison dans l’un, et pas dans l’autre",
    "sans_ajout": "Sans l’amendement qui l’a ajouté, ou avec celui d’un autre",
    "sans_origine": "Sans citation de l’orientation du rapport dont il vient",
}


def missing(adoption: Adoption) -> list[str]:
    """What is still to be said of the vote before the policy is made, in sentences."""
    if not adoption.adopted:
        return [NO_VOTE]
    found = _asked("SELECT number, why FROM consultation_vote_lacks(%s)", adoption.pk)
    return [_said(LACKS[why], numbers, "orientation") for why, numbers in found.items()]


def missing_of_policy(version: TexteVersion) -> list[str]:
    adoption = Adoption.objects.filter(politique=version.texte_id).first()
    if adoption is None:
        return [NO_VOTE]
    found = _asked("SELECT number, why FROM consultation_policy_differs(%s)", version.pk)
    return [*missing(adoption), *(_said(DIFFERS[why], numbers, "article") for why, numbers in found.items())]


def _asked(sql: str, pk: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(sql, [pk])
        for number, why in cursor.fetchall():
            found[why].append(number)
    return found


def _said(why: str, numbers: list[int], noun: str) -> str:
    many = "s" if len(numbers) > 1 else ""
    return f"{why} : {noun}{many} {', '.join(map(str, numbers))}."

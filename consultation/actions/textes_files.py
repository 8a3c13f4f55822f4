"""The public files of the textes: asked for as a version appears, made again when words they hold have gone."""

from __future__ import annotations

from django.db import connection

from consultation.models import Texte, TexteVersion
from consultation.texte_files.build import KIND, wanted
from socle.comptes.models import User
from socle.documents.models import MediaType
from socle.publications.actions import drop, publish, renew, renew_stale


def ask_files(version: TexteVersion, by: User | None) -> None:
    """Of the version that has just become the one the public reads; the files of the one before go at once."""
    key, kinds = str(version.texte_id), wanted(version)
    if MediaType.ZIP not in kinds:
        drop(KIND, key, [MediaType.ZIP])
    renew(KIND, key)
    publish(KIND, key, kinds, by)


def renew_files() -> int:
    """Of how many textes; what says those words is no longer given, from now on. And those never asked for."""
    renewed = renew_stale(KIND)
    for texte in _without_files():
        if texte.current:
            ask_files(texte.current, texte.current.published_by)
    return renewed


def _without_files() -> list[Texte]:
    """Those that appeared before the portal made files of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id FROM consultation_texte t WHERE t.current_id IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM publications_publication p WHERE p.kind = %s AND p.key = t.id::text)",
            [KIND],
        )
        pks = [pk for (pk,) in cursor.fetchall()]
    return list(Texte.objects.filter(pk__in=pks).select_related("current__texte__demarche", "current__published_by"))

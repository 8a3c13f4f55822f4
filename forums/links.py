"""Signed addresses: the typing of one forum, the reading of one member; each opens nothing else."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from ateliers.models import Membre
from forums.models import DroitDeRegard, Forum

SCRIBE = "forums.saisie"
REGARD = "forums.regard"


def scribe_path(forum: Forum) -> str:
    """Another nonce and it opens nothing."""
    return reverse("forum_scribe", args=[signing.Signer(salt=SCRIBE).sign_object([forum.pk, forum.scribe_nonce])])


def read_scribe(signed: str) -> Forum | None:
    """The forum, whether it is open or not; None for what we did not sign, and for a link that was made again since."""
    try:
        pk, nonce = signing.Signer(salt=SCRIBE).unsign_object(signed)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    forum = Forum.objects.select_related("rencontre__demarche", "rencontre__lieu", "texte").filter(pk=pk).first()
    return forum if forum and nonce and constant_time_compare(forum.scribe_nonce, nonce) else None


def regard_path(droit: DroitDeRegard, membre: Membre) -> str:
    """It never expires: what one objected to, and the answer, stay readable. The window says when one may write."""
    return reverse("regard_membre", args=[signing.Signer(salt=REGARD).sign_object([droit.pk, membre.pk])])


def read_regard(signed: str) -> tuple[DroitDeRegard, Membre] | None:
    """None for what we did not sign, for a group of another démarche, and for whoever left the portal."""
    try:
        droit_pk, membre_pk = signing.Signer(salt=REGARD).unsign_object(signed)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    droits = DroitDeRegard.objects.select_related("forum__rencontre__demarche", "version__texte__demarche")
    droit = droits.filter(pk=droit_pk).first()
    rows = Membre.objects.select_related("atelier__demarche", "personne")
    membre = rows.filter(pk=membre_pk).first()
    if droit is None or membre is None or membre.personne.has_left:
        return None
    if membre.atelier.demarche_id != droit.forum.rencontre.demarche_id:
        return None
    return droit, membre

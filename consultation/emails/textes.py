"""What is sent to the author of contributions when something becomes of them."""

from __future__ import annotations

from itertools import groupby

from django.conf import settings
from django.urls import reverse

from consultation.choices import AnnonceOutcome
from consultation.letter_links import sign_author
from consultation.models import Annonce, SuiteChange
from socle.comptes.models import Personne
from socle.courriels.actions import envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail


def moved(personne: Personne, annonces: list[Annonce], key: str) -> Envoi:
    """All that is new of one person's contributions, in one mail; `annonces` come by contribution."""
    contributions = [
        {
            "title": contribution.title,
            "reference": contribution.reference,
            "url": f"{settings.SITE_URL}{contribution.get_absolute_url()}#parcours",
            "news": [_said(annonce) for annonce in group],
        }
        for contribution, group in groupby(annonces, key=lambda annonce: annonce.contribution)
    ]
    signed = sign_author(personne.pk)
    context = {
        "contributions": contributions,
        "several": len(contributions) > 1,
        "choices_url": settings.SITE_URL + reverse("parcours_choice", args=[signed]),
    }
    subject, text, html = render_mail("courriels/parcours_moved", context)
    stop = settings.SITE_URL + reverse("parcours_stop", args=[signed])
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return envoi(
        to=personne.email, subject=subject, text=text, html=html, dedupe_key=key, subject_key=key, headers=headers
    )


def _said(annonce: Annonce) -> str:
    if annonce.archivage:
        return (
            f"La démarche « {annonce.contribution.demarche.title} » est archivée. Il y manque : "
            f"{' '.join(annonce.archivage.missing)} La raison donnée : {annonce.archivage.reason}"
        )
    if annonce.change:
        return _moved_on(annonce.change)
    texte = f"« {annonce.texte.title} »" if annonce.texte else ""
    if annonce.outcome == AnnonceOutcome.TAKEN_UP:
        return f"{texte} en tient compte."
    if annonce.outcome == AnnonceOutcome.VOTED and annonce.texte:
        voted = annonce.texte.adoption
        issue = "l’a adopté" if voted.adopted else "ne l’a pas adopté"
        return f"{texte}, qui vient aussi d’elle, a été soumis au vote : le Conseil régional {issue} ({voted.votes})."
    return f"{texte} lui répond."


def _moved_on(change: SuiteChange) -> str:
    """« Ce qui en est fait : « Des trains le soir », suite engagée, échéance juin 2012. »."""
    due = f", échéance {change.due_label}" if change.due_label else ""
    why = f" La raison : {change.reason}" if change.reason else ""
    return f"Ce qui en est fait : « {change.suite.title} », suite {change.get_state_display()}{due}.{why}"

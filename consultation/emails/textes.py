"""What is sent to the author of contributions when something becomes of them."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from consultation.choices import AnnonceOutcome
from consultation.letter_links import sign_author
from consultation.models import Annonce, Contribution, SuiteChange, Texte
from consultation.parcours_steps import BOTH
from socle.comptes.models import Personne
from socle.courriels.actions import envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail


class News(NamedTuple):
    """A sentence of ours, and words that somebody typed: a mail program makes no link of those."""

    sentence: str
    words: str = ""


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


def _said(annonce: Annonce) -> News:
    if annonce.production:
        return _of_group(annonce.production)
    if annonce.archivage:
        return News(
            f"La démarche « {annonce.contribution.demarche.title} » est archivée. Il y manque : "
            f"{' '.join(annonce.archivage.missing)} La raison donnée : {annonce.archivage.reason}"
        )
    if annonce.change:
        return News(_moved_on(annonce.change))
    return News(_of_texte(annonce.outcome, annonce.texte) if annonce.texte else "")


def _of_group(production: Contribution) -> News:
    """« Le groupe de l’atelier 5 – Dunkerque en tient compte dans sa production HDF-12 : », then its title."""
    group = production.organisation
    whose = f"Le g{group[1:]}" if group.startswith("Groupe ") else "Un groupe d’atelier"
    return News(f"{whose} en tient compte dans sa production {production.reference} :", production.title)


def _of_texte(outcome: str, texte: Texte) -> str:
    named = f"« {texte.title} »"
    if outcome == AnnonceOutcome.TAKEN_UP:
        return f"{named} en tient compte."
    if outcome == AnnonceOutcome.ANSWERED:
        return f"{named} lui répond."
    acts, report = texte.adoption, f"{named}, qui vient aussi d’elle"
    if outcome == AnnonceOutcome.PRESENTED:
        return f"{report}, a été présenté à {BOTH}."
    if outcome == AnnonceOutcome.AVIS:
        return f"Le CESER a rendu son avis sur {report} : {acts.get_avis_display()}."
    issue = "l’a adopté" if acts.adopted else "ne l’a pas adopté"
    return f"{report}, a été soumis au vote : le Conseil régional {issue} ({acts.votes})."


def _moved_on(change: SuiteChange) -> str:
    """« Ce qui en est fait : « Des trains le soir », suite engagée, échéance juin 2012. »."""
    due = f", échéance {change.due_label}" if change.due_label else ""
    why = f" La raison : {change.reason}" if change.reason else ""
    return f"Ce qui en est fait : « {change.suite.title} », suite {change.get_state_display()}{due}.{why}"

"""Everything about an atelier on one page, for the evening itself: its séances, group, mails, and what is to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from ateliers.models import Animation, Atelier, Membre, Seance
from ateliers.permissions import can_animate, can_look_into
from ateliers.today import awaiting_minutes, minutes_due
from consultation import today
from consultation.emails.rencontres import change_key, subject_key
from consultation.models import Actualite, Rencontre
from consultation.pressing import Task
from socle.courriels.models import Envoi

MAILS, NEWS = 8, 3  # the newest, of each

# A page of the atelier, of one of its séances by its rank, of the rencontre of a séance: label, name of the address.
OF_ATELIER = (("Le groupe", "ateliers_atelier_groupe"), ("Le tirage au sort", "ateliers_atelier_tirage"))
OF_SEANCE = (
    ("La parole des absents", "ateliers_seance_absents"),
    ("Productions", "ateliers_seance_productions"),
    ("Compte rendu", "ateliers_seance_compte_rendu"),
)
OF_RENCONTRE = (
    ("Date, lieu, places", "consultation_rencontre_change"),
    ("Places et liste d’attente", "consultation_rencontre_liste"),
    ("Arrivées", "consultation_rencontre_arrivees"),
    ("Présences et émargement", "consultation_rencontre_presences"),
    ("Rappels", "consultation_rencontre_rappels"),
    ("Liste d’appel", "consultation_rencontre_appels"),
    ("Avis reçus", "consultation_rencontre_avis"),
    ("Images", "consultation_rencontre_images"),
)


@dataclass(frozen=True)
class Evening:
    """One séance as the page shows it; `standing` is its places, `minutes` where its compte rendu is."""

    seance: Seance
    standing: str
    minutes: str
    links: list[tuple[str, str]]


class TableauPages:
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.tableau)
        return [path("<int:pk>/tableau/", view, name="ateliers_atelier_tableau"), *super().get_urls()]

    def tableau(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whoever reads the démarche reads this page; where each thing is done is for whoever runs the atelier."""
        atelier = get_object_or_404(Atelier.objects.select_related("demarche", "lieu"), pk=pk)
        if not can_look_into(request.user, atelier):
            raise Http404("Not one of theirs.")
        runs = can_animate(request.user, atelier)
        rows = today.with_state(Rencontre.objects.filter(pk__in=Seance.objects.filter(atelier=atelier).values("pk")))
        rencontres = {rencontre.pk: rencontre for rencontre in rows}
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": str(atelier),
            "atelier": atelier,
            "may_animate": runs,
            "pressing": _pressing(atelier, rows) if runs else [],
            "evenings": _evenings(atelier, rencontres, runs=runs),
            "links": links(OF_ATELIER, atelier.pk) if runs else [],
            "composition": _composition(atelier),
            "team": [row.user for row in Animation.objects.active().filter(atelier=atelier).select_related("user")],
            "mails": _mails(rows)[:MAILS] if runs else [],
            "actualites": Actualite.objects.published().filter(demarche=atelier.demarche, topic=atelier.topic)[:NEWS],
        }
        response = TemplateResponse(request, "admin/ateliers/atelier/tableau.html", context)
        response["Cache-Control"] = "private, no-store"
        return response


def links(pages: Iterable[tuple[str, str]], *args: int) -> list[tuple[str, str]]:
    """(label, address) of each page."""
    return [(label, reverse(f"admin:{name}", args=args)) for label, name in pages]


def _pressing(atelier: Atelier, rencontres: list[Rencontre]) -> list[Task]:
    coming = [rencontre for rencontre in rencontres if not (rencontre.is_cancelled or rencontre.has_begun())]
    late = minutes_due(list(awaiting_minutes().filter(atelier=atelier)))
    return [*late, *today.withheld(coming), *today.undelivered(coming)]


def _evenings(atelier: Atelier, rencontres: dict[int, Rencontre], *, runs: bool) -> list[Evening]:
    found = []
    for seance in Seance.objects.filter(atelier=atelier).select_related("compte_rendu").order_by("rank"):
        seance.rencontre = rencontres[seance.pk]
        written = getattr(seance, "compte_rendu", None)
        minutes = written.get_state_display() if written else ""
        pages = [*links(OF_SEANCE, atelier.pk, seance.rank), *links(OF_RENCONTRE, seance.pk)] if runs else []
        found.append(Evening(seance, today.standing(seance.rencontre), minutes, pages))
    return found


def _composition(atelier: Atelier) -> list[tuple[str, int]]:
    """How many of each collège compose the group now, those of none last."""
    rows = Membre.objects.present().filter(atelier=atelier).order_by("college__rank")
    return list(rows.values_list("college__label").annotate(Count("pk")))


def _mails(rencontres: list[Rencontre]) -> Any:
    """About its séances, the newest first; never to whom, nor what they say: a mail may hold a link that opens."""
    about = [key(rencontre) for rencontre in rencontres for key in (subject_key, change_key)]
    rows = Envoi.objects.filter(subject_key__in=about).order_by("-pk")
    return rows.only("subject", "state", "created_at", "sent_at", "bounced_at")

"""A démarche that has one or several of everything the public pages show, and the addresses of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from ateliers.models import CompteRendu
from consultation.models import Contribution, DateChange, Demarche
from socle.dates import Precision
from socle.registre.actions import seal
from tests.factories import (
    local,
    make_atelier,
    make_cadre,
    make_contribution,
    make_demarche,
    make_enjeu,
    make_etape,
    make_forum,
    make_identity,
    make_lieu,
    make_rencontre,
    make_seance,
    make_theme,
)
from tests.minutes import read_and_adopted
from tests.registering import enter
from tests.staying import come_back, stays

REGISTRE = ("registre", "registre_verifier")
SITE_PAGES = ("accessibilite", "mentions_legales", "donnees_personnelles", "contact", "questions", "plan_du_site")
TOWNS = (("Dunkerque", 51.04, 2.38), ("Étaples", 50.51, 1.64), ("Mons-en-Barœul", 50.64, 3.11))


@dataclass
class Portal:
    demarche: Demarche
    named: dict[str, str] = field(default_factory=dict)  # page → address

    @property
    def addresses(self) -> list[str]:
        return list(self.named.values())


def make_portal(count: int = 1, **fields: Any) -> Portal:
    """`count` of everything that a page lists; the pages named are those of the first ones."""
    make_identity()
    demarche = make_demarche(
        title="Inventer la démocratie participative",
        call="Dites ce que vous en pensez.",
        remote_call="On peut aussi participer en ligne.",
        summary="Une consultation d’essai.",
        **fields,
    )
    make_cadre(demarche=demarche, decision="Le Conseil régional, en juin.", change_reason="Le calendrier est voté.")
    etape, first = _etapes(demarche, count), None
    for number in range(count):
        town, latitude, longitude = TOWNS[number % 3]
        lieu = make_lieu(town=town, latitude=latitude, longitude=longitude, access="Arrêt Théâtre, ligne 3.")
        make_enjeu(demarche=demarche, short_title="améliorer", sentence="améliorer la transparence,")
        theme = make_theme(demarche=demarche, question="Quels moyens pour permettre la participation de tous ?")
        atelier = make_atelier(demarche=demarche, town=town, lieu=lieu, themes=[theme], question=theme.question)
        for _ in range(count):
            seance = make_seance(atelier, etape=etape, capacity=30, example=True)
            contribution = make_contribution(theme=theme, title="L’accès aux réunions")
        forum = make_forum(demarche=demarche, etape=etape, edition=2, periodicity="biennal", lieu=lieu)
        make_rencontre(demarche=demarche, etape=etape, precision=Precision.SEASON, starts_at=local(200))
        past = make_rencontre(demarche=demarche, starts_at=local(-30), title="Réunion passée")
        stays(past, count)
        first = first or (seance, forum)
    come_back(first[0].atelier, count)
    minutes = read_and_adopted(first[0].atelier)
    _register(contribution, count)
    return Portal(demarche, _addresses(demarche, *first, past, minutes))


def _register(contribution: Contribution, count: int) -> None:
    """Sealed entries, the second kind with all that it may say."""
    said = {"demarche": contribution.demarche.slug, "atomic": True}
    dates = {"titre": "Les ateliers", "avant": "mars 2011", "apres": "avril 2011", "raison": "La salle."}
    for _ in range(count):
        enter("contribution.publiee", subject=contribution.reference, **said)
        enter("etape.date", subject="etape:1", role="responsable", facts=dates, **said)
    seal()


def _etapes(demarche: Demarche, count: int) -> Any:
    today = timezone.localdate()
    for number in range(count):
        make_etape(
            demarche=demarche,
            rank=number + 2,
            title="Le rapport",
            starts_on=today + timedelta(days=60),
            ends_on=today + timedelta(days=90),
            precision=Precision.MONTH,
        )
    etape = make_etape(
        demarche=demarche,
        rank=1,
        title="Les ateliers",
        people_count=120,
        people_label="élus",
        text="Les groupes travaillent :\n- aux constats\n- aux propositions",
    )
    for _ in range(count):
        DateChange.objects.create(etape=etape, previous_label="mars 2011", new_label="avril 2011", reason="La salle.")
    return etape


def _addresses(demarche: Demarche, seance: Any, forum: Any, past: Any, minutes: CompteRendu) -> dict[str, str]:
    slug = demarche.slug
    return {
        "accueil": reverse("accueil"),
        "demarches": reverse("demarches"),
        "demarche": reverse("demarche", args=[slug]),
        "cadre": reverse("cadre", args=[slug]),
        "version du cadre": reverse("cadre_version", args=[slug, timezone.localdate()]),
        "moderation": reverse("moderation", args=[slug]),
        "etape": reverse("etape", args=[slug, 1]),
        "etape à venir": reverse("etape", args=[slug, 2]),
        "theme": reverse("theme", args=[slug, 1]),
        "ateliers": reverse("ateliers", args=[slug]),
        "atelier": reverse("atelier", args=[slug, 1]),
        "participation": reverse("atelier_participation", args=[slug, 1]),
        "compte rendu": reverse("compte_rendu", args=[slug, 1, minutes.seance.rank]),
        "avis": reverse("rencontre_avis", args=[past.pk]),
        "images": reverse("rencontre_images", args=[past.pk]),
        "agenda": reverse("rencontres"),
        "séance": reverse("rencontre", args=[seance.pk]),
        "rencontre du forum": reverse("rencontre", args=[forum.pk]),
        "forums": reverse("forums"),
        "forum": reverse("forum", args=[forum.pk]),
    } | {name: reverse(name) for name in (*REGISTRE, *SITE_PAGES)}


PAGES = (
    "accueil", "demarches", "demarche", "cadre", "version du cadre", "moderation", "etape", "etape à venir", "theme",
    "ateliers", "atelier", "agenda", "séance", "rencontre du forum", "forums", "forum", *REGISTRE, *SITE_PAGES,
    "participation", "compte rendu", "avis", "images",
)  # fmt: skip

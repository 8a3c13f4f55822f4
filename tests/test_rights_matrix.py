"""Every address × role × verb: who is answered, and that nobody else reads or writes anything.

An address of the URL map that is not in the tables below fails the suite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client, override_settings
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from ateliers.models import Atelier, CompteRendu, Membre, Production
from consultation.actions import textes
from consultation.actions.textes_publish import next_version
from consultation.choices import ContributionState, DemarcheState, Display, Nature, RencontreState, RoleKind
from consultation.models import (
    Adoption,
    CahierActeur,
    Contribution,
    Reexamen,
    Rencontre,
    Reserve,
    Service,
    Signalement,
    Suite,
    Texte,
    Transcription,
)
from forums.models import Croisement, DroitDeRegard, Forum, Moment, Objection
from socle.access.models import Trace
from socle.courriels import actions as courriels
from socle.courriels import kept, tasks
from socle.documents.actions import keep_pdf, keep_scan
from socle.exports.models import Export
from socle.privacy.actions import leaving
from socle.privacy.models import Opposition, Visa
from socle.publications.models import Publication
from socle.registre.actions import seal
from tests.adopting import announced, make_policy
from tests.factories import (
    local,
    make_abonnement,
    make_actualite,
    make_animation,
    make_atelier,
    make_cadre,
    make_candidature,
    make_college,
    make_commune,
    make_contribution,
    make_demarche,
    make_document,
    make_enjeu,
    make_etape,
    make_forum,
    make_identity,
    make_inscription,
    make_lieu,
    make_membre,
    make_personne,
    make_production,
    make_reason,
    make_rencontre,
    make_ressource,
    make_role,
    make_seance,
    make_superuser,
    make_table,
    make_theme,
    make_user,
)
from tests.papers import image, pdf, upload
from tests.registering import enter
from tests.staying import make_photo
from tests.textes import answered, make_texte, passage, published, said

pytestmark = pytest.mark.django_db

# Who asks. The démarche « ours » is public; « theirs » is a draft that only its own staff may know of.
ANONYMOUS, CITIZEN, INACTIVE = "anonyme", "citoyen avec un compte", "compte désactivé"
NO_ROLE, ENDED = "équipe sans rôle", "rôle fini"
LECTEUR, MODERATEUR, REDACTEUR, RESPONSABLE = "lecteur", "modérateur", "rédacteur", "responsable"
ELSEWHERE = "responsable d’une autre démarche"
# They run an atelier of « ours », and hold no role: one that of « ours », the other that of « other ».
ORGANISATEUR, OTHER_ORGANISATEUR = "organisateur", "organisateur d’un autre atelier"
ADMINISTRATEUR = "administrateur"
EVERYBODY = (
    *(ANONYMOUS, CITIZEN, INACTIVE, NO_ROLE, ENDED),
    *(LECTEUR, MODERATEUR, REDACTEUR, RESPONSABLE, ELSEWHERE, ADMINISTRATEUR),
    *(ORGANISATEUR, OTHER_ORGANISATEUR),
)

NOBODY: frozenset[str] = frozenset()
ADMIN = frozenset({ADMINISTRATEUR})
RUN = frozenset({RESPONSABLE, ADMINISTRATEUR})
MODERATE = RUN | {MODERATEUR}
EXPORT = MODERATE | {REDACTEUR}
TELL = RUN | {REDACTEUR}
READ = EXPORT | {LECTEUR}
# Of what hangs on an atelier (`can_animate`, `can_organise`, and who looks into it): never the other's organisateur.
ORGANISE = RUN | {ORGANISATEUR}
LOOK_INTO = READ | {ORGANISATEUR}
STAFF = READ | {NO_ROLE, ENDED, ELSEWHERE, ORGANISATEUR, OTHER_ORGANISATEUR}

# The pages anyone reads: the same bytes for everybody, no cookie, GET and HEAD only.
PUBLIC = {
    "": "/",
    "demarches/": "/demarches/",
    "demarches/<slug:slug>/": "/demarches/ours/",
    "demarches/<slug:slug>/cadre/": "/demarches/ours/cadre/",
    "demarches/<slug:slug>/cadre/<day:day>/": "/demarches/ours/cadre/2011-01-27/",
    "demarches/<slug:slug>/moderation/": "/demarches/ours/moderation/",
    "demarches/<slug:slug>/etapes/<int:rank>/": "/demarches/ours/etapes/1/",
    "demarches/<slug:slug>/themes/<int:rank>/": "/demarches/ours/themes/1/",
    "demarches/<slug:slug>/ateliers/": "/demarches/ours/ateliers/",
    "demarches/<slug:slug>/ateliers/<int:rank>/": "/demarches/ours/ateliers/1/",
    "demarches/<slug:slug>/ateliers/<int:rank>/groupe/": "/demarches/ours/ateliers/1/groupe/",
    "demarches/<slug:slug>/ateliers/<int:rank>/seances/<int:seance>/compte-rendu/": (
        "/demarches/ours/ateliers/1/seances/1/compte-rendu/"
    ),
    "demarches/<slug:slug>/ateliers/<int:rank>/productions/": "/demarches/ours/ateliers/1/productions/",
    "demarches/<slug:slug>/ateliers/<int:rank>/productions/<str:reference>/": (
        "/demarches/ours/ateliers/1/productions/OURS-{production}/"
    ),
    "demarches/<slug:slug>/ateliers/<int:rank>/participation/": "/demarches/ours/ateliers/1/participation/",
    "rencontres/": "/rencontres/",
    "rencontres/<int:pk>/": "/rencontres/{rencontre}/",
    "rencontres/<int:pk>.ics": "/rencontres/{rencontre}.ics",
    "rencontres/<int:pk>/avis/": "/rencontres/{rencontre}/avis/",
    "rencontres/<int:pk>/images/": "/rencontres/{rencontre}/images/",
    "rencontres/<int:pk>/images/<int:media>.jpg": "/rencontres/{rencontre}/images/{media}.jpg",
    "rencontres/<int:pk>/images/<int:media>/vignette.jpg": "/rencontres/{rencontre}/images/{media}/vignette.jpg",
    "agenda.ics": "/agenda.ics",
    "forums/": "/forums/",
    "forums/<int:pk>/": "/forums/{forum}/",
    "forums/<int:pk>/programme/<int:moment>/": "/forums/{forum}/programme/{moment}/",
    "forums/<int:pk>/remarques/": "/forums/{forum}/remarques/",
    "forums/<int:pk>/croisements/": "/forums/{forum}/croisements/",
    "forums/<int:pk>/croisements/<int:first>-<int:second>/": "/forums/{forum}/croisements/1-1/",
    "croisements/<int:pk>/": "/croisements/{croisement}/",
    "forums/<int:pk>/droit-de-regard/": "/forums/{forum}/droit-de-regard/",
    r"^contributions/(?P<reference>[A-Z][A-Z0-9]{1,7}-[0-9]{1,18})/$": "/contributions/OURS-{published}/",
    "contributions/": "/contributions/",
    "contributions/formulaire.pdf": "/contributions/formulaire.pdf",
    "cahiers-d-acteurs/": "/cahiers-d-acteurs/",
    "recherche/": "/recherche/?q=contribution",
    "communes.json": "/communes.json?q=li",
    "flux/contributions.atom": "/flux/contributions.atom",
    "actualites/": "/actualites/",
    "actualites/<int:pk>/": "/actualites/{actualite}/",
    "ressources/": "/ressources/",
    "textes/": "/textes/",
    "textes/<int:pk>/": "/textes/{texte}/",
    "textes/<int:pk>/versions/<int:number>/": "/textes/{texte}/versions/1/",
    "textes/<int:pk>/reponses/": "/textes/{texte}/reponses/",
    "textes/<int:pk>/passages/<int:key>/": "/textes/{texte}/passages/1/",
    "textes/<int:pk>/adoption/": "/textes/{rapport}/adoption/",
    "textes/<int:pk>/adoption/<int:key>/": "/textes/{rapport}/adoption/1/",
    "textes/<int:pk>/suites/": "/textes/{politique}/suites/",
    "suites/<int:pk>/": "/suites/{suite}/",
    "flux/actualites.atom": "/flux/actualites.atom",
    "donnees/": "/donnees/",
    "registre/": "/registre/",
    "registre/verifier/": "/registre/verifier/",
    "etapes/<int:rank>/": "/etapes/1/",
    "themes/<int:rank>/": "/themes/1/",
    "ateliers/": "/ateliers/",
    "ateliers/<int:rank>/": "/ateliers/1/",
    "ateliers/<int:rank>/groupe/": "/ateliers/1/groupe/",
    "ateliers/<int:rank>/seances/<int:seance>/compte-rendu/": "/ateliers/1/seances/1/compte-rendu/",
    "ateliers/<int:rank>/productions/": "/ateliers/1/productions/",
    "ateliers/<int:rank>/productions/<str:reference>/": "/ateliers/1/productions/OURS-{production}/",
    "ateliers/<int:rank>/participation/": "/ateliers/1/participation/",
    "accessibilite/": "/accessibilite/",
    "mentions-legales/": "/mentions-legales/",
    "donnees-personnelles/": "/donnees-personnelles/",
    "contact/": "/contact/",
    "questions/": "/questions/",
    "plan-du-site/": "/plan-du-site/",
    "logo.<str:fingerprint>.png": "/logo.abc.png",
    ".well-known/security.txt": "/.well-known/security.txt",
    "sitemap.xml": "/sitemap.xml",
    "robots.txt": "/robots.txt",
}
# The same answer for everybody, beside the page cache.
PUBLIC_ANSWERS = {
    "textes/<int:pk>/adoption/deliberation.pdf": "/textes/{rapport}/adoption/deliberation.pdf",
    "ressources/<int:pk>/document/": "/ressources/{ressource}/document/",
    r"^demarches/(?P<slug>[-a-zA-Z0-9_]+)/ateliers/(?P<rank>[0-9]+)/seances/(?P<seance>[0-9]+)/"
    r"compte-rendu\.(?P<extension>pdf|docx)$": "/demarches/ours/ateliers/1/seances/1/compte-rendu.pdf",
    r"^textes/(?P<pk>[0-9]+)/export\.(?P<extension>pdf|docx|odt|zip)$": "/textes/{texte}/export.pdf",
    "donnees/<slug:slug>/contributions.csv": "/donnees/ours/contributions.csv",
    "registre/registre.jsonl": "/registre/registre.jsonl",
    "contributions/<str:reference>/document.pdf": "/contributions/OURS-{cahier}/document.pdf",
    "sante/": "/sante/",
}
# Pages for one visitor, open to all: `private, no-store`; a token for each POST. (What opens them is signed or secret.)
PERSONAL = {
    "rencontres/<int:pk>/inscription/": ("/rencontres/{rencontre}/inscription/", 200),
    "inscriptions/confirmer/<str:signed>/": ("/inscriptions/confirmer/forged/", 404),
    "inscriptions/<str:signed>/": ("/inscriptions/forged/", 404),
    "inscriptions/<str:signed>/attestation/<int:pk>/": ("/inscriptions/forged/attestation/1/", 404),
    "arrivee/<str:signed>/": ("/arrivee/forged/", 404),
    "compte-rendu/<str:signed>/": ("/compte-rendu/forged/", 404),
    "ateliers/membre/<str:signed>/": ("/ateliers/membre/forged/", 404),
    "avis/<str:signed>/": ("/avis/forged/", 404),
    # What opens them is a mail, or the account they are of (tests/test_leaving.py).
    "mes-donnees/": ("/mes-donnees/", 200),
    "mes-donnees/<str:signed>/": ("/mes-donnees/forged/", 404),
    "mes-donnees/<str:signed>/copie/": ("/mes-donnees/forged/copie/", 405),
    "mes-donnees/<str:signed>/copie/<int:pk>/": ("/mes-donnees/forged/copie/1/", 404),
    "mes-donnees/<str:signed>/partir/": ("/mes-donnees/forged/partir/", 404),
    "mes-donnees/<str:signed>/opposer/": ("/mes-donnees/forged/opposer/", 404),
    "lettre/": ("/lettre/", 200),
    "lettre/confirmer/<str:signed>/": ("/lettre/confirmer/forged/", 404),
    "lettre/parcours/<str:signed>/": ("/lettre/parcours/forged/", 404),
    "lettre/<str:signed>/": ("/lettre/forged/", 404),
    "contributions/nouvelle/": ("/contributions/nouvelle/", 200),
    "contributions/proches/": ("/contributions/proches/?titre=bus", 200),
    "contributions/recu/<str:signed>/": ("/contributions/recu/forged/", 404),
    "contributions/confirmer/<str:signed>/": ("/contributions/confirmer/forged/", 404),
    "contributions/<str:reference>/reagir/": ("/contributions/OURS-{published}/reagir/", 200),
    "contributions/<str:reference>/soutenir/": ("/contributions/OURS-{published}/soutenir/", 200),
    "contributions/soutien/<str:signed>/": ("/contributions/soutien/forged/", 404),
    "suivi/": ("/suivi/", 200),
    "suivi/<str:numero>/": ("/suivi/2222-2222-2222/", 404),
    "suivi/<str:numero>/corriger/": ("/suivi/2222-2222-2222/corriger/", 404),
    "suivi/<str:numero>/retirer/": ("/suivi/2222-2222-2222/retirer/", 404),
    "suivi/<str:numero>/reexamen/": ("/suivi/2222-2222-2222/reexamen/", 404),
    "contributions/<str:reference>/signaler/": ("/contributions/OURS-{published}/signaler/", 200),
    "signalements/recu/<str:signed>/": ("/signalements/recu/forged/", 404),
    # A table's link is signed (tests/test_table.py); the code of a sheet opens nothing by itself.
    "table/<str:signed>/": ("/table/forged/", 404),
    "table/<str:signed>/corriger/<int:pk>/": ("/table/forged/corriger/{production}/", 404),
    "table/<str:signed>/avant/": ("/table/forged/avant/", 404),
    "table/<str:signed>/avant/<int:pk>/": ("/table/forged/avant/{production}/", 404),
    "table/<str:signed>/fusionner/": ("/table/forged/fusionner/", 404),
    "fiche/<int:pk>/<int:number>/": ("/fiche/{seance}/9/", 404),
    # The window of its remarks is open; the links of the scribes and of the members are signed (tests/test_regard.py).
    "forums/<int:pk>/remarques/productions/<str:reference>/": (
        "/forums/{forum}/remarques/productions/OURS-{production}/",
        200,
    ),
    "forums/<int:pk>/remarques/passages/<int:key>/": ("/forums/{forum}/remarques/passages/1/", 200),
    "forum-saisie/<str:signed>/": ("/forum-saisie/forged/", 404),
    "droit-de-regard/<str:signed>/": ("/droit-de-regard/forged/", 404),
    "signalements/<str:numero>/": ("/signalements/2222-2222-2222/", 404),
    "compte/desactive/": ("/compte/desactive/", 200),
}

# Where one gets in: who is in already is sent on; a step that nobody has reached leads back to the log-in.
ENTRANCE = {
    "compte/connexion/": ("/compte/connexion/", 200),
    "compte/connexion/mot-de-passe/": ("/compte/connexion/mot-de-passe/", 200),
    "compte/creer/": ("/compte/creer/", 200),
    "compte/mot-de-passe/oublie/": ("/compte/mot-de-passe/oublie/", 200),
    "compte/aucun/": ("/compte/aucun/", 302),
    "compte/connexion/second-facteur/": ("/compte/connexion/second-facteur/", 302),
    "compte/connexion/cle/": ("/compte/connexion/cle/", 302),
}
# One's own account: nobody who is out; who has not just shown that it is still them shows it first (302).
ACCOUNT = {
    "compte/": ("/compte/", 200),
    "compte/mot-de-passe/": ("/compte/mot-de-passe/", 302),
    "compte/adresse/": ("/compte/adresse/", 302),
    "compte/code/": ("/compte/code/", 302),
    "compte/confirmer/": ("/compte/confirmer/", 200),
    "compte/confirmer/code/": ("/compte/confirmer/code/", 200),
    "compte/confirmer/second-facteur/": ("/compte/confirmer/second-facteur/", 302),
    "compte/confirmer/cle/": ("/compte/confirmer/cle/", 302),
    "compte/securite/": ("/compte/securite/", 200),
    "compte/securite/application/": ("/compte/securite/application/", 302),
    "compte/securite/application/retirer/": ("/compte/securite/application/retirer/", 404),
    "compte/securite/codes-de-secours/": ("/compte/securite/codes-de-secours/", 404),
    "compte/securite/codes-de-secours/nouveaux/": ("/compte/securite/codes-de-secours/nouveaux/", 302),
    "compte/securite/cles/": ("/compte/securite/cles/", 200),
    "compte/securite/cles/ajouter/": ("/compte/securite/cles/ajouter/", 302),
    # Somebody else's: tests/test_second_factor.py.
    "compte/securite/cles/<int:pk>/retirer/": ("/compte/securite/cles/1/retirer/", 302),
    "compte/sessions/": ("/compte/sessions/", 200),
    "compte/deconnexion/": ("/compte/deconnexion/", 200),
    "mon-espace/": ("/mon-espace/", 200),
    "mon-espace/soutiens/": ("/mon-espace/soutiens/", 200),
    "mon-espace/nouvelles/": ("/mon-espace/nouvelles/", 200),
    "mon-espace/papier/": ("/mon-espace/papier/", 200),
    "forums/<int:pk>/droit-de-regard/mon-groupe/": ("/forums/{forum}/droit-de-regard/mon-groupe/", 404),
}

# What a mail program posts to, without cookie or token: its signature is the right to it (tests/test_newsletter.py).
ONE_CLICK = {
    "lettre/arret/<str:signed>/": "/lettre/arret/forged/",
    "lettre/parcours/arret/<str:signed>/": "/lettre/parcours/arret/forged/",
}


@dataclass(frozen=True)
class Door:
    """Who is answered 200 to GET, and who may change something by POST."""

    get: frozenset[str]
    post: frozenset[str]
    address: str = ""
    people: frozenset[str] = NOBODY  # to whom names and addresses are shown there


# The team's pages that are no model's.
TEAM = {
    "exports/<int:pk>/": Door(frozenset({RESPONSABLE}), NOBODY, "/exports/{export_ours}/"),
    "admin/": Door(STAFF, NOBODY, "/admin/"),
    "admin/avant-l-ouverture/": Door(ADMIN, NOBODY, "/admin/avant-l-ouverture/"),
    # It leads to the one log-in.
    "admin/login/": Door(NOBODY, NOBODY, "/admin/login/"),
    "admin/logout/": Door(NOBODY, STAFF, "/admin/logout/"),
    "admin/password_change/": Door(NOBODY, NOBODY, "/admin/password_change/"),
    "admin/password_change/done/": Door(STAFF, NOBODY, "/admin/password_change/done/"),
    "admin/autocomplete/": Door(NOBODY, NOBODY, "/admin/autocomplete/"),
    "admin/jsi18n/": Door(STAFF, NOBODY, "/admin/jsi18n/"),
    "admin/r/<path:content_type_id>/<path:object_id>/": Door(NOBODY, NOBODY, "/admin/r/{demarche_type}/{theirs}/"),
    "admin/comptes/user/<id>/password/": Door(ADMIN, ADMIN, "/admin/comptes/user/{user}/password/"),
    "admin/courriels/envoi/gardes/": Door(ADMIN, NOBODY, "/admin/courriels/envoi/gardes/"),
    "admin/courriels/envoi/gardes/<str:name>/": Door(ADMIN, NOBODY, "/admin/courriels/envoi/gardes/{kept}/"),
    "admin/consultation/contribution/import/": Door(
        RUN | {ELSEWHERE}, RUN | {ELSEWHERE}, "/admin/consultation/contribution/import/"
    ),
    "admin/consultation/contribution/import/confirmer/": Door(
        NOBODY, RUN | {ELSEWHERE}, "/admin/consultation/contribution/import/confirmer/"
    ),
    "admin/consultation/contribution/chiffres/": Door(
        READ | {ELSEWHERE}, NOBODY, "/admin/consultation/contribution/chiffres/"
    ),
    "admin/consultation/contribution/touches/": Door(
        MODERATE | {ELSEWHERE}, MODERATE | {ELSEWHERE}, "/admin/consultation/contribution/touches/"
    ),
    "admin/consultation/contribution/jamais-confirmees/": Door(
        READ | {ELSEWHERE}, NOBODY, "/admin/consultation/contribution/jamais-confirmees/"
    ),
    "admin/consultation/contribution/synthese/": Door(
        EXPORT | {ELSEWHERE}, EXPORT | {ELSEWHERE}, "/admin/consultation/contribution/synthese/"
    ),
    "admin/consultation/contribution/export/": Door(
        EXPORT | {ELSEWHERE}, EXPORT | {ELSEWHERE}, "/admin/consultation/contribution/export/"
    ),
    "admin/consultation/demarche/<int:pk>/ouvrir/": Door(
        RUN, RUN, "/admin/consultation/demarche/{consultation.demarche:ours}/ouvrir/"
    ),
    "admin/consultation/demarche/<int:pk>/archiver/": Door(
        RUN, RUN, "/admin/consultation/demarche/{consultation.demarche:ours}/archiver/"
    ),
    "admin/consultation/demarche/<int:pk>/equipe/": Door(
        RUN, RUN, "/admin/consultation/demarche/{consultation.demarche:ours}/equipe/"
    ),
    "admin/ateliers/atelier/equipe/<int:pk>/": Door(
        RUN, RUN, "/admin/ateliers/atelier/equipe/{consultation.demarche:ours}/"
    ),
    "admin/consultation/rencontre/<int:pk>/rappels/": Door(
        LOOK_INTO, NOBODY, "/admin/consultation/rencontre/{rencontre}/rappels/"
    ),
    "admin/consultation/rencontre/<int:pk>/liste/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/liste/", people=ORGANISE
    ),
    "admin/consultation/rencontre/<int:pk>/places/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/places/?capacity=0", people=ORGANISE
    ),
    # Whoever sees the rencontre sees what it presents; it is ticked by who writes the suites.
    "admin/consultation/rencontre/<int:pk>/suites/": Door(
        LOOK_INTO, TELL, "/admin/consultation/rencontre/{rencontre}/suites/"
    ),
    # Addresses and phone numbers: they are those of nobody who reads, but of whoever runs the démarche, or this séance.
    "admin/consultation/rencontre/<int:pk>/appels/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/appels/"
    ),
    "admin/ateliers/atelier/<int:pk>/tableau/": Door(
        LOOK_INTO, NOBODY, "/admin/ateliers/atelier/{ateliers.atelier:ours}/tableau/"
    ),
    # What is not public yet of a séance is that of whoever runs it (of another atelier: tests/test_seance_doors.py).
    **{
        f"admin/ateliers/atelier/<int:pk>/seances/<int:rank>/{page}": Door(
            ORGANISE if get else NOBODY,
            ORGANISE if post else NOBODY,
            f"/admin/ateliers/atelier/{{ateliers.atelier:ours}}/{own}",
        )
        for page, own, get, post in (
            ("compte-rendu/", "seances/1/compte-rendu/", True, True),
            ("compte-rendu/ouvrir/", "seances/1/compte-rendu/ouvrir/", False, True),
            ("compte-rendu/adopter/", "seances/1/compte-rendu/adopter/", False, True),
            ("compte-rendu/remarques/<int:remarque>/", "seances/1/compte-rendu/remarques/1/", False, True),
            ("absents/", "seances/1/absents/", True, True),
            ("absents/feuille.pdf", "seances/1/absents/feuille.pdf", True, False),
        )
    },
    # Any role reads; the link of a table, and the sheets, are for whoever runs the atelier.
    "admin/ateliers/atelier/<int:pk>/seances/<int:rank>/productions/": Door(
        LOOK_INTO, ORGANISE, "/admin/ateliers/atelier/{ateliers.atelier:ours}/seances/1/productions/"
    ),
    "admin/ateliers/atelier/<int:pk>/seances/<int:rank>/productions/<int:production>/refus/": Door(
        ORGANISE, ORGANISE, "/admin/ateliers/atelier/{ateliers.atelier:ours}/seances/1/productions/{production}/refus/"
    ),
    "admin/ateliers/atelier/<int:pk>/seances/<int:rank>/productions/fiches.pdf": Door(
        ORGANISE, NOBODY, "/admin/ateliers/atelier/{ateliers.atelier:ours}/seances/1/productions/fiches.pdf"
    ),
    "admin/ateliers/atelier/<int:pk>/seances/<int:rank>/productions/tables/<int:number>/": Door(
        ORGANISE, NOBODY, "/admin/ateliers/atelier/{ateliers.atelier:ours}/seances/1/productions/tables/1/"
    ),
    # Members by reference for who reads; names, addresses and every change for who runs the atelier.
    "admin/ateliers/atelier/<int:pk>/groupe/": Door(
        LOOK_INTO, ORGANISE, "/admin/ateliers/atelier/{ateliers.atelier:ours}/groupe/", people=ORGANISE
    ),
    "admin/ateliers/atelier/<int:pk>/tirage/": Door(
        LOOK_INTO, ORGANISE, "/admin/ateliers/atelier/{ateliers.atelier:ours}/tirage/", people=ORGANISE
    ),
    **{
        f"admin/ateliers/atelier/<int:pk>/{end}/": Door(
            ORGANISE, ORGANISE, f"/admin/ateliers/atelier/{{ateliers.atelier:ours}}/{end}/"
        )
        for end in ("groupe/fichier", "groupe/lancement", "groupe/cibles", "tirage/fichier")
    },
    # What stays of a rencontre: for whoever runs it.
    "admin/consultation/rencontre/<int:pk>/avis/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/avis/"
    ),
    "admin/consultation/rencontre/<int:pk>/avis/feuille.pdf": Door(
        ORGANISE, NOBODY, "/admin/consultation/rencontre/{rencontre}/avis/feuille.pdf"
    ),
    "admin/consultation/rencontre/<int:pk>/images/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/images/"
    ),
    "admin/consultation/rencontre/<int:pk>/images/<int:media>/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/images/{media}/"
    ),
    "admin/consultation/rencontre/<int:pk>/images/<int:media>/image.jpg": Door(
        ORGANISE, NOBODY, "/admin/consultation/rencontre/{rencontre}/images/{media}/image.jpg"
    ),
    "admin/consultation/rencontre/<int:pk>/images/<int:media>/vignette.jpg": Door(
        ORGANISE, NOBODY, "/admin/consultation/rencontre/{rencontre}/images/{media}/vignette.jpg"
    ),
    # The evening: names and addresses, for whoever runs the rencontre.
    "admin/consultation/rencontre/<int:pk>/arrivees/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/arrivees/"
    ),
    "admin/consultation/rencontre/<int:pk>/presences/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/presences/"
    ),
    "admin/consultation/rencontre/<int:pk>/feuilles/<int:rank>.pdf": Door(
        ORGANISE, NOBODY, "/admin/consultation/rencontre/{rencontre}/feuilles/1.pdf"
    ),
    "admin/consultation/rencontre/<int:pk>/feuilles/<int:rank>/saisie/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/feuilles/1/saisie/"
    ),
    "admin/consultation/rencontre/<int:pk>/attestations/<str:code>/": Door(
        ORGANISE, ORGANISE, "/admin/consultation/rencontre/{rencontre}/attestations/A{inscription}/"
    ),
    "admin/consultation/cadre/<int:pk>/apercu/": Door(
        READ, NOBODY, "/admin/consultation/cadre/{consultation.cadre:ours}/apercu/"
    ),
    "admin/consultation/actualite/<int:pk>/apercu/": Door(
        READ, NOBODY, "/admin/consultation/actualite/{actualite}/apercu/"
    ),
    # What is being written of a texte, and what it will answer, is that of who writes it.
    **{
        f"admin/consultation/texte/<int:pk>/{page}": Door(TELL, TELL, f"/admin/consultation/texte/{{texte}}/{own}")
        for page, own in (
            ("passages/<int:key>/", "passages/1/"),
            ("reponses/", "reponses/"),
            ("relectures/", "relectures/"),
            ("publier/", "publier/"),
        )
    },
    # Any role reads how a report is adopted; who writes the textes keeps it.
    **{
        f"admin/consultation/texte/<int:pk>/adoption/{page}": Door(
            READ, TELL, f"/admin/consultation/texte/{{rapport}}/adoption/{own}"
        )
        for page, own in (("", ""), ("<int:key>/", "1/"))
    },
    # What comes of a forum: its restitutions are its responsable's, its croisements and its objections those of who
    # writes; whoever moderates types what is said in its room too.
    **{
        f"admin/forums/forum/<int:pk>/{page}": Door(who, who, f"/admin/forums/forum/{{forum}}/{own}")
        for page, own, who in (
            ("restitutions/", "restitutions/", RUN),
            ("croisements/", "croisements/", TELL),
            ("croisements/<int:croisement>/", "croisements/{draft_croisement}/", TELL),
            ("droit-de-regard/", "droit-de-regard/", TELL),
            ("droit-de-regard/<int:objection>/", "droit-de-regard/{objection}/", TELL),
            ("remarques/", "remarques/", EXPORT),
        )
    },
    # What was just scanned is its own reader's: nobody else's signed address opens it (tests/test_paper_doors.py).
    "admin/consultation/transcription/saisie/<str:signed>/": Door(
        NOBODY, NOBODY, "/admin/consultation/transcription/saisie/forged/"
    ),
    "admin/consultation/transcription/saisie/<str:signed>/scan/<int:number>/": Door(
        NOBODY, NOBODY, "/admin/consultation/transcription/saisie/forged/scan/1/"
    ),
    "admin/consultation/transcription/<int:pk>/scan/": Door(
        MODERATE, NOBODY, "/admin/consultation/transcription/{consultation.transcription:ours}/scan/"
    ),
    "admin/consultation/transcription/<int:pk>/scan/<int:number>/": Door(
        MODERATE, NOBODY, "/admin/consultation/transcription/{consultation.transcription:ours}/scan/1/"
    ),
    "admin/consultation/transcription/<int:pk>/recu.pdf": Door(
        MODERATE, NOBODY, "/admin/consultation/transcription/{consultation.transcription:ours}/recu.pdf"
    ),
    "admin/consultation/cahieracteur/<int:pk>/document/": Door(
        MODERATE, NOBODY, "/admin/consultation/cahieracteur/{consultation.cahieracteur:ours}/document/"
    ),
    "admin/privacy/visa/<int:pk>/bordereau.pdf": Door(
        ADMIN, NOBODY, "/admin/privacy/visa/{privacy.visa:ours}/bordereau.pdf"
    ),
    "admin:app_list": Door(LOOK_INTO | {ELSEWHERE, OTHER_ORGANISATEUR}, NOBODY, "/admin/consultation/"),
    "admin/(?P<url>.*)$": Door(NOBODY, NOBODY, "/admin/nulle-part/"),
}


@dataclass(frozen=True)
class Rows:
    """An admin's model: who, on a row of « ours »; the responsable of « theirs » has the same on their own rows."""

    read: frozenset[str]
    add: frozenset[str] = NOBODY
    change: frozenset[str] = NOBODY
    delete: frozenset[str] = NOBODY
    shared: bool = False  # all démarches use the same rows
    listed: frozenset[str] = NOBODY  # where the list is open to more people than a row


PROGRAMME = Rows(read=READ, add=RUN, change=RUN, delete=RUN)
RUN_BY_GROUP = replace(PROGRAMME, read=LOOK_INTO, change=ORGANISE)
MODELS = {
    "consultation.demarche": Rows(read=READ, add=ADMIN, change=RUN, delete=NOBODY),  # a public one is archived
    "consultation.cadre": PROGRAMME,
    "consultation.etape": PROGRAMME,
    "consultation.theme": PROGRAMME,
    "consultation.rencontre": RUN_BY_GROUP,
    "ateliers.atelier": RUN_BY_GROUP,
    "forums.forum": PROGRAMME,
    "consultation.lieu": replace(PROGRAMME, shared=True),
    "consultation.service": replace(PROGRAMME, shared=True),
    "consultation.refusalreason": replace(PROGRAMME, shared=True),
    "consultation.contribution": Rows(read=READ, change=MODERATE),
    "consultation.question": Rows(read=READ, change=RUN | {REDACTEUR}),
    "consultation.reexamen": Rows(read=READ, change=MODERATE),
    "consultation.signalement": Rows(read=READ, change=MODERATE),
    "consultation.actualite": Rows(read=READ, add=TELL, change=TELL, delete=TELL),
    "consultation.ressource": Rows(read=READ, add=TELL, change=TELL, delete=TELL),
    "consultation.texte": Rows(read=READ, add=TELL, change=TELL),  # it has appeared: nobody deletes it
    "consultation.suite": Rows(read=READ, add=TELL, change=TELL),  # what was announced is given up, never deleted
    "consultation.reserve": PROGRAMME,
    "consultation.abonnement": Rows(read=READ),
    "consultation.transcription": Rows(read=MODERATE, add=MODERATE, change=MODERATE),
    "consultation.cahieracteur": Rows(read=MODERATE, add=MODERATE, change=MODERATE),
    "consultation.commune": Rows(read=ADMIN, add=ADMIN, change=ADMIN, delete=ADMIN),
    "comptes.user": Rows(read=ADMIN, add=ADMIN, change=ADMIN, delete=ADMIN),
    "identity.siteidentity": Rows(read=ADMIN, change=ADMIN),
    "courriels.envoi": Rows(read=ADMIN, change=NOBODY),
    "registre.entree": Rows(read=ADMIN),
    "access.trace": Rows(read=RUN),
    "privacy.opposition": Rows(read=ADMIN, change=ADMIN),
    "privacy.depart": Rows(read=ADMIN),
    "privacy.visa": Rows(read=ADMIN, add=ADMIN, change=ADMIN),
    "exports.export": Rows(read=frozenset({RESPONSABLE}), listed=STAFF),  # its owner's, not even an administrateur's
}
# Rows of « ours » beside the atelier of the ORGANISATEUR and its séance: another atelier and its séance, a meeting.
BESIDE = {"ateliers.atelier": ("other",), "consultation.rencontre": ("other", "meeting")}
REDIRECTED = {"identity.siteidentity"}  # the list is its one row

# What nobody but its own readers may find in a page.
THEIRS, OURS_UNPUBLISHED = "Zirconium", "Palimpseste"
OUR_GROUP, OTHER_GROUP = "Belvédère", "Quinconce"  # what each of the two ateliers prepares
CITIZENS, TEAM_ADDRESSES = "@citoyens.example", "@equipe.example"


def patterns(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[str]:
    """The key of each address of the URL map: its route, or its name where the route lists the apps."""
    for one in (resolver or get_resolver()).url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, route, f"{one.namespace}:" if one.namespace else space)
        else:
            name = f"{space}{one.name}"
            yield name if name == "admin:app_list" else route.replace("admin/^", "admin/")


def model_doors(label: str) -> Iterator[tuple[str, str, Door]]:
    """Key, whose row, door: the six addresses of a model of the admin."""
    rows = MODELS[label]
    base = f"admin/{label.replace('.', '/')}/"
    row = f"{base}<path:object_id>/"
    readers = rows.listed or _anywhere(rows.read)
    yield base, "", Door(NOBODY if label in REDIRECTED else readers, _anywhere(rows.delete), f"/{base}")
    yield f"{base}add/", "", Door(_anywhere(rows.add), _anywhere(rows.add), f"/{base}add/")
    for whose in ("ours", "theirs", *BESIDE.get(label, ())):
        read, change, delete = (_seen_from(whose, rows, who) for who in (rows.read, rows.change, rows.delete))
        if whose == "theirs" and label == "consultation.demarche":
            delete = ADMIN  # a draft
        address = f"/{base}{{{label}:{whose}}}/"
        yield row, whose, Door(NOBODY, NOBODY, address)
        yield f"{row}history/", whose, Door(read, NOBODY, f"{address}history/")
        yield f"{row}delete/", whose, Door(delete, delete, f"{address}delete/")
        yield f"{row}change/", whose, Door(read, change, f"{address}change/")


def _anywhere(who: frozenset[str]) -> frozenset[str]:
    who = who | {ELSEWHERE} if RESPONSABLE in who else who
    return who | {OTHER_ORGANISATEUR} if ORGANISATEUR in who else who


def _seen_from(whose: str, rows: Rows, who: frozenset[str]) -> frozenset[str]:
    if rows.shared:
        return _anywhere(who)
    if whose in ("other", "meeting"):
        beside = {OTHER_ORGANISATEUR} if whose == "other" and ORGANISATEUR in who else set()
        return who - {ORGANISATEUR} | beside
    if whose == "ours" or RESPONSABLE not in who:
        return who
    return (who & ADMIN) | {ELSEWHERE}


def test_every_address_is_in_the_tables():
    known = {*PUBLIC, *PUBLIC_ANSWERS, *PERSONAL, *ENTRANCE, *ACCOUNT, *ONE_CLICK, *TEAM}
    known |= {key for label in MODELS for key, _, _ in model_doors(label)}
    found = set(patterns())
    assert found - known == set(), "say in the tables of this file who may use these addresses"
    assert known - found == set(), "these are in the tables and no longer in the URL map"


@pytest.fixture(scope="module")
def world(kept_rows, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """Made once: each test leaves it as it found it."""
    with in_folder(tmp_path_factory.mktemp("world")):
        with kept_rows.unblock():
            made = make_world()
        yield made


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """All that the portal keeps in files is there; no bell is heard."""
    places = {"VAR_DIR": folder, "EXPORT_STORAGE": folder / "exports", "DOCUMENT_STORAGE": folder / "documents"}
    places["MAILERS"] = {"default": {"BACKEND": "socle.courriels.backends.KeptMailBackend"}}
    with override_settings(**places), pytest.MonkeyPatch.context() as patch:
        patch.setattr("socle.doorbell.ring", lambda _: None)
        yield


def make_world() -> SimpleNamespace:
    """Two démarches with a row of everything, ours public, theirs a draft; and somebody of each role."""
    make_identity(logo=b"a logo", logo_hash="abc", logo_width=9, logo_height=9)
    people = make_people()
    ours = make_demarche(slug="ours", code="OURS", title="Notre consultation", courante=True)
    theirs = make_demarche(
        slug=f"{THEIRS.lower()}", code="THEIRS", title=f"{THEIRS} démarche", state=DemarcheState.DRAFT, courante=False
    )
    rows = {"ours": make_rows(ours, "", people), "theirs": make_rows(theirs, THEIRS, people)}
    rows["other"], rows["meeting"] = make_beside(ours, people)
    make_roles(people, ours, theirs)
    words = {f"{label}:{whose}": pk for whose, found in rows.items() for label, pk in found.items()}
    kept_name = make_mails(words)
    make_entries(words)
    make_asked(people[ADMINISTRATEUR], words)
    make_exports(people, words)
    for whose in ("ours", "theirs"):
        scope = f"demarche:{words[f'consultation.demarche:{whose}']}"
        made = Trace.objects.create(by=people[LECTEUR], act="vue", what="Liste d’appel", rows=3, scope=scope)
        words[f"access.trace:{whose}"] = made.pk
    for user in people.values():
        for label, pk in ((label, pk) for found in rows.values() for label, pk in found.items()):
            make_log(user, label, pk)
    words |= {
        "rencontre": words["consultation.rencontre:ours"],
        "inscription": ours.rencontres.get(pk=words["consultation.rencontre:ours"]).inscriptions.get().pk,
        "forum": words["forums.forum:ours"],
        "actualite": words["consultation.actualite:ours"],
        "texte": words["consultation.texte:ours"],
        "suite": words["consultation.suite:ours"],
        "rapport": Adoption.objects.get(texte__demarche=ours).texte_id,
        "politique": Adoption.objects.get(texte__demarche=ours).politique_id,
        "ressource": words["consultation.ressource:ours"],
        "published": Contribution.objects.get(demarche=ours, title=" publiée").pk,
        "export_ours": words["exports.export:ours"],
        "demarche_type": ContentType.objects.get_for_model(type(ours)).pk,
        "cahier": words["consultation.cahieracteur:ours"],
        "production": Production.objects.get(contribution__demarche=ours).pk,
        "seance": Production.objects.get(contribution__demarche=ours).seance_id,
        "media": make_photo(Rencontre.objects.get(pk=words["consultation.rencontre:ours"])).pk,
        **make_forum_day(ours, words["forums.forum:ours"], people[REDACTEUR]),
        "theirs": theirs.pk,
        "user": people[CITIZEN].pk,
        "kept": kept_name,
    }
    return SimpleNamespace(people=people, ours=ours, theirs=theirs, words=words)


def make_people() -> dict[str, Any]:
    def user(number: int, **fields: Any) -> Any:
        return make_user(email=f"u{number}{TEAM_ADDRESSES}", **fields)

    staff = (NO_ROLE, ENDED, LECTEUR, MODERATEUR, REDACTEUR, RESPONSABLE, ELSEWHERE, ORGANISATEUR, OTHER_ORGANISATEUR)
    people = {name: user(number, is_staff=True) for number, name in enumerate(staff)}
    citizen = make_personne(email=f"citoyen{CITIZENS}")
    return people | {
        CITIZEN: make_user(email=f"citoyen{CITIZENS}", personne=citizen),
        INACTIVE: user(20, is_staff=True, is_superuser=True, is_active=False),
        ADMINISTRATEUR: make_superuser(email=f"u21{TEAM_ADDRESSES}"),
    }


def make_roles(people: dict[str, Any], ours: Any, theirs: Any) -> None:
    kinds = {
        LECTEUR: RoleKind.LECTEUR,
        MODERATEUR: RoleKind.MODERATEUR,
        REDACTEUR: RoleKind.REDACTEUR,
        RESPONSABLE: RoleKind.RESPONSABLE,
    }
    for name, kind in kinds.items():
        make_role(user=people[name], demarche=ours, kind=kind)
    make_role(user=people[ELSEWHERE], demarche=theirs, kind=RoleKind.RESPONSABLE)
    yesterday = timezone.localdate() - timedelta(days=1)
    make_role(user=people[ENDED], demarche=ours, kind=RoleKind.RESPONSABLE, ends_on=yesterday)


def make_rows(demarche: Any, word: str, people: dict[str, Any]) -> dict[str, Any]:
    """A row of each model of the admin, by label; `word` marks all that is written in it."""
    personne = make_personne(email=f"{word or 'ours'}{CITIZENS}")
    # Both démarches meet at one lieu: they are shared.
    lieu = make_lieu(name="Kursaal", town="Dunkerque")
    make_cadre(demarche=demarche, object=f"{word} cadre")
    coming = {"published_on": timezone.localdate() + timedelta(days=1), "object": f"{word or OURS_UNPUBLISHED} cadre"}
    cadre = make_cadre(demarche=demarche, **coming)
    etape = make_etape(demarche=demarche, title=f"{word} étape")
    theme = make_theme(demarche=demarche, question=f"{word} thème ?")
    make_enjeu(demarche=demarche, short_title=f"{word} enjeu", sentence=f"{word} enjeu")
    college = make_college(demarche=demarche, label=f"{word} collège")
    titles = {"title": f"{word} rencontre", "demarche": demarche, "etape": etape, "lieu": lieu}
    make_rencontre(**titles)
    make_rencontre(**titles | {"title": f"{word or OURS_UNPUBLISHED} à préparer", "state": RencontreState.DRAFT})
    atelier = make_atelier(demarche=demarche, question=f"{word} atelier ?", town=f"{word} ville", themes=[theme])
    seance = make_seance(atelier, demarche=demarche, title=f"{word} séance", sheets_printed=2)
    came = make_inscription(rencontre=seance.rencontre, personne=personne, name=f"{word} Nom", attended_at=local())
    seance.rencontre.feuilles.create(rank=1, holders=[came.pk], printed_by=people[RESPONSABLE])
    make_compte_rendu(seance, people[RESPONSABLE])
    make_table(seance, label=f"{word} table")
    make_production(seance, title=f"{word} production", body=f"{word} texte")
    make_membre(atelier=atelier, personne=personne, organisation=f"{word} asso", college=college)
    make_candidature(atelier=atelier, personne=personne)
    make_animation(atelier=atelier, user=people[ELSEWHERE if word else RESPONSABLE])
    if not word:
        make_group(atelier, people[ORGANISATEUR], OUR_GROUP)
    forum = make_forum(demarche=demarche, title=f"{word} forum", purpose=f"{word} objet", starts_at=local(50))
    said = {"demarche": demarche, "theme": theme, "college": college, "personne": personne}
    make_contribution(**said, title=f"{word} publiée", body=f"{word} texte")
    hidden = word or OURS_UNPUBLISHED
    waiting = make_contribution(
        **said,
        state=ContributionState.WAITING,
        title=f"{hidden} en attente",
        body=f"{hidden} texte",
        display=Display.NAMED,
        author_name=f"{hidden} Nom",
    )
    return {
        "consultation.demarche": demarche.pk,
        "consultation.cadre": cadre.pk,
        "consultation.etape": etape.pk,
        "consultation.theme": theme.pk,
        "consultation.rencontre": seance.pk,
        "ateliers.atelier": atelier.pk,
        "forums.forum": forum.pk,
        "consultation.lieu": lieu.pk,
        "consultation.service": Service.objects.create(label=f"Boucle magnétique {lieu.pk}").pk,
        "consultation.refusalreason": make_reason().pk,
        "consultation.contribution": waiting.pk,
        "consultation.question": make_contribution(**said, nature=Nature.QUESTION, title=f"{word} question").pk,
        "consultation.reexamen": make_reexamen(demarche, hidden).pk,
        "consultation.signalement": make_signalement(demarche, hidden, personne).pk,
        "consultation.actualite": make_actualite(demarche=demarche, title=f"{word} nouvelle").pk,
        "consultation.ressource": make_ressource(
            demarche=demarche, title=f"{word} étude", document=make_document(created_by=people[RESPONSABLE])
        ).pk,
        "consultation.texte": make_synthese(demarche, word).pk,
        "consultation.suite": make_suite(demarche, word, people[RESPONSABLE]).pk,
        "consultation.reserve": Reserve.objects.create(
            demarche=demarche,
            starts_on=timezone.localdate() + timedelta(90),
            ends_on=timezone.localdate() + timedelta(99),
            reason=f"{word} élections",
        ).pk,
        "consultation.abonnement": make_abonnement(demarche=demarche, personne=personne).pk,
        "consultation.transcription": make_transcription(demarche, hidden).pk,
        "consultation.cahieracteur": make_cahier(demarche, word).pk,
        "consultation.commune": make_commune(name=f"Lille {lieu.pk}").pk,
        "comptes.user": people[LECTEUR].pk,
        "identity.siteidentity": 1,
    }


def make_group(atelier: Any, user: Any, word: str) -> None:
    """Whoever runs the atelier, and what they prepare."""
    make_animation(atelier=atelier, user=user)
    make_seance(atelier, title=f"{word} séance", state=RencontreState.DRAFT)
    make_membre(atelier=atelier, organisation=f"{word} asso")


def make_beside(demarche: Any, people: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Another atelier of the démarche with its séance, and a rencontre that is no séance."""
    other = make_atelier(demarche=demarche)
    seance = make_seance(other, demarche=demarche)
    make_group(other, people[OTHER_ORGANISATEUR], OTHER_GROUP)
    meeting = make_rencontre(demarche=demarche)
    return {"ateliers.atelier": other.pk, "consultation.rencontre": seance.pk}, {"consultation.rencontre": meeting.pk}


def make_compte_rendu(seance: Any, by: Any) -> None:
    """Adopted, its PDF made; a remark that was answered."""
    held = CompteRendu.objects.create(seance=seance, introduction=f"{seance.atelier.town} réunie")
    held.remarques.create(words="Il manque le train.", submission_key=uuid4())
    answered = {"answer": "C’est ajouté.", "taken_up": True, "answered_at": timezone.now(), "answered_by": by}
    held.remarques.update(**answered)
    adopted = {"adopted_at": timezone.now(), "adopted_by": by, "figures": {"salle": 1, "distance": 0, "sur_place": 0}}
    opened = {"opened_at": timezone.now(), "remarks_until": timezone.localdate()}
    CompteRendu.objects.filter(pk=held.pk).update(state="adopte", **opened, **adopted)
    document = make_document(created_by=by)
    Publication.objects.create(
        kind="compte_rendu", key=str(seance.pk), media_type="application/pdf", by=by, document=document
    )


def make_reexamen(demarche: Any, word: str) -> Reexamen:
    """Of a refusal by somebody who is none of those who ask."""
    refused = ContributionState.REFUSED
    contribution = make_contribution(demarche=demarche, state=refused, title=f"{word} refusée", body=f"{word} texte")
    decision = contribution.decisions.create(
        from_state=ContributionState.WAITING, to_state=refused, by=make_superuser(), reason=make_reason()
    )
    return Reexamen.objects.create(contribution=contribution, decision=decision, words=f"{word} injuste")


def make_signalement(demarche: Any, word: str, personne: Any) -> Signalement:
    contribution = Contribution.objects.published().filter(demarche=demarche).first()
    return contribution.signalements.create(reason="charte", words=f"{word} à retirer", personne=personne)


def make_transcription(demarche: Any, word: str) -> Transcription:
    """Typed by somebody who is none of those who ask."""
    clerk = make_user(is_staff=True)
    said = {"title": f"{word} papier", "body": f"{word} texte", "origine": "papier"}
    contribution = make_contribution(demarche=demarche, state=ContributionState.WAITING, **said)
    scan = keep_scan(upload(image(), "papier.jpg"), clerk)
    today = timezone.localdate()
    return Transcription.objects.create(contribution=contribution, received_on=today, scan=scan, transcriber=clerk)


def make_cahier(demarche: Any, word: str) -> CahierActeur:
    clerk = make_user(is_staff=True)
    document = keep_pdf(upload(pdf(), "position.pdf"), clerk)
    return CahierActeur.objects.create(
        contribution=make_contribution(demarche=demarche, title=f"{word} position"),
        document=document,
        received_on=timezone.localdate(),
        checked_by=clerk,
    )


def make_suite(demarche: Any, word: str, by: Any) -> Suite:
    """Of a policy that was voted; its délibération is a document."""
    document = make_document(created_by=by)
    policy = make_policy(demarche=demarche, title=f"{word} rapport", voted={"deliberation_document": document})
    return announced(policy, title=f"{word} suite", due=-1)


def make_synthese(demarche: Any, word: str) -> Texte:
    """Published, with a source and an answer; its next version is being written."""
    texte = make_texte(demarche=demarche, title=f"{word} synthèse")
    passage(texte, said(demarche=demarche, title=f"{word} source"), title=f"{word} passage")
    answered(texte, said(demarche=demarche, title=f"{word} répondue"))
    published(texte, final=False)
    made = Publication.objects.filter(kind="texte", key=str(texte.pk), media_type="application/pdf")
    made.update(document=make_document(created_by=make_user(is_staff=True)))
    textes.add(next_version(texte), textes.Words(f"{word or OURS_UNPUBLISHED} passage", ""))
    return texte


def make_forum_day(demarche: Any, forum: int, by: Any) -> dict[str, int]:
    """What came of ours: a restitution, a croisement that appeared and one that did not, an objection."""
    made = list(Production.objects.filter(contribution__demarche=demarche))
    other = make_production(make_seance(Atelier.objects.filter(demarche=demarche).last(), demarche=demarche))
    moment = Moment.objects.create(forum_id=forum, rank=1, kind="restitution", atelier=made[0].seance.atelier)
    moment.productions.set(made)
    crossed = Croisement.objects.create(forum_id=forum, kind="convergence", sentence="Les deux le disent.", by=by)
    crossed.productions.set([*made, other])
    Croisement.objects.filter(pk=crossed.pk).update(published_at=timezone.now())
    draft = Croisement.objects.create(forum_id=forum, kind="divergence", sentence=OURS_UNPUBLISHED, by=by)
    texte = Texte.objects.filter(demarche=demarche).earliest("pk")
    window = {"remarks_open_at": local(-1), "remarks_close_at": local(3)}
    Forum.objects.filter(pk=forum).update(texte=texte, **window)
    droit = DroitDeRegard.objects.create(forum_id=forum, version=texte.draft, days=5, closes_at=local(6), by=by)
    said = make_contribution(demarche=demarche, parent=made[0].contribution, stance="contre")
    membre = Membre.objects.filter(atelier=made[0].seance.atelier).first()
    Objection.objects.create(contribution=said, droit=droit, membre=membre)
    return {"moment": moment.pk, "croisement": crossed.pk, "draft_croisement": draft.pk, "objection": said.pk}


def make_mails(words: dict[str, Any]) -> str:
    """One mail to each démarche's citizen, kept in a file; the name of the last file."""
    for whose in ("ours", "theirs"):
        envoi = courriels.enqueue(
            to=f"{whose}{CITIZENS}", subject="Confirmez", text="https://localhost/secret", dedupe_key=whose
        )
        words[f"courriels.envoi:{whose}"] = envoi.pk
    tasks.send_due()
    return kept.newest()[0].name


def make_entries(words: dict[str, Any]) -> None:
    """In the register: ours is sealed, theirs waits for its seal; nothing of a draft would ever be entered."""
    words["registre.entree:ours"] = enter("contribution.publiee", subject="OURS-1", demarche="ours").pk
    seal()
    words["registre.entree:theirs"] = enter("contribution.publiee", subject="OURS-2", demarche="ours").pk


def make_asked(by: Any, words: dict[str, Any]) -> None:
    """What two citizens ask about their data, and the documents of two démarches that may go."""
    for whose in ("ours", "theirs"):
        personne = make_personne(email=f"donnees-{whose}{CITIZENS}")
        said = {"personne": personne, "words": "Palimpseste" if whose == "ours" else THEIRS, "submission_key": uuid4()}
        words[f"privacy.opposition:{whose}"] = Opposition.objects.create(**said).pk
        words[f"privacy.depart:{whose}"] = leaving.ask(personne, with_texts=False).pk
        slip = {"record": "feuilles", "subject": whose, "what": said["words"], "rows": 1, "proposed_by": by}
        words[f"privacy.visa:{whose}"] = Visa.objects.create(**slip).pk


def make_exports(people: dict[str, Any], words: dict[str, Any]) -> None:
    for whose, owner in (("ours", RESPONSABLE), ("theirs", ELSEWHERE)):
        file = f"fichier-{whose}"
        (kept.folder().parent / "exports").mkdir(exist_ok=True)
        (kept.folder().parent / "exports" / file).write_text("référence;titre")
        words[f"exports.export:{whose}"] = Export.objects.create(
            owner=people[owner],
            kind="synthese",
            label=f"Synthèse {THEIRS if whose == 'theirs' else ''}",
            params={"demarche": words[f"consultation.demarche:{whose}"]},
            state="pret",
            file=file,
            download_name="synthese.csv",
            expires_at=timezone.now() + timedelta(days=1),
        ).pk


def make_log(user: Any, label: str, pk: Any) -> None:
    kind = ContentType.objects.get_by_natural_key(*label.split("."))
    LogEntry.objects.create(
        user=user, content_type=kind, object_id=str(pk), object_repr="", action_flag=CHANGE, change_message="Modifié"
    )


def client_of(world: SimpleNamespace, who: str, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if who != ANONYMOUS:
        client.force_login(world.people[who])
    return client


# What an answer writes whatever it answers: sessions, the limits of tries, who looked at a list of people.
KEPT_ASIDE = "django_session|limiter_|access_trace"


def writes() -> dict[str, int]:
    """Rows written in this transaction, by table; also those that were taken back. What is KEPT_ASIDE apart."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return {name: n for name, n in cursor.fetchall() if n and not re.match(KEPT_ASIDE, name)}


def fingerprint() -> dict[str, str]:
    """All rows of all tables, what is KEPT_ASIDE apart."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not re.match(KEPT_ASIDE, table):
                cursor.execute(
                    f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
                )
                (found[table],) = cursor.fetchone()
    return found


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    for close in response._resource_closers:  # response.close() would close the database too
        close()
    return content.decode("utf-8", "replace")


def status_of(response: Any) -> int:
    body_of(response)
    return response.status_code


def leaks(who: str, body: str, people: frozenset[str] = NOBODY) -> list[str]:
    """What is in an answer that this person may not read; `people` are shown citizens' addresses there."""
    hidden = []
    if who not in (ELSEWHERE, ADMINISTRATEUR):
        hidden += [THEIRS, THEIRS.lower()]
    if who not in READ:
        hidden += [OURS_UNPUBLISHED]
    if who not in LOOK_INTO:
        hidden += [OUR_GROUP]
    if who not in READ | {OTHER_ORGANISATEUR}:
        hidden += [OTHER_GROUP]
    if who != ADMINISTRATEUR:
        hidden += [TEAM_ADDRESSES] + [CITIZENS] * (who not in people)
    body = body.replace(f"citoyen{CITIZENS}", "") if who == CITIZEN else body  # the log-in says who is in already
    return [f"tells « {word} »" for word in hidden if word in body]


def pirate(address: str, world: SimpleNamespace) -> dict[str, Any]:
    """What a forged form would hold, whatever the page."""
    row = re.search(r"/admin/(\w+)/(\w+)/", address)
    pk = world.words.get(f"{row[1]}.{row[2]}:ours", "1") if row else "1"
    theirs = world.words.get(f"{row[1]}.{row[2]}:theirs", "1") if row else "1"
    return {
        "action": "delete_selected",
        "_selected_action": [pk, theirs],
        "post": "yes",
        "confirmed": "oui",
        "title": "Pirate",
        "question": "Pirate ?",
        "name": "Pirate",
        "town": "Pirate",
        "label": "Pirate",
        "explanation": "Pirate",
        "to_state": "publiee",
        "is_superuser": "on",
        "email": "pirate@example.org",
        "password1": "un-long-mot-de-passe",
        "password2": "un-long-mot-de-passe",
        "demarche": world.ours.pk,
        "format": "0",
        "renvoyer": "oui",
    }


def doors(world: SimpleNamespace) -> Iterator[Door]:
    """The team's doors, at their addresses."""
    everything = [*TEAM.values(), *(door for label in MODELS for _, _, door in model_doors(label))]
    for door in everything:
        address = re.sub(r"\{([^}]+)\}", lambda found: str(world.words[found[1]]), door.address)
        yield replace(door, address=address)


# Refused: turned away, sent to the log-in or to the list, told that there is no such row, or no such verb.
REFUSED = {302, 403, 404, 405}
LOG_IN = "/admin/login/"


@pytest.mark.parametrize("who", EVERYBODY)
def test_team_pages_answer_whom_they_should_and_nobody_else(world, who):
    client, strict = client_of(world, who), client_of(world, who, enforce_csrf_checks=True)
    before, wrong = fingerprint(), []
    for door in doors(world):
        wrong += reading(world, client, who, door)
        wrong += writing(world, client, strict, who, door)
    assert not wrong, "\n".join(wrong)
    assert fingerprint() == before


def reading(world: SimpleNamespace, client: Client, who: str, door: Door) -> list[str]:
    """What is wrong with the answers to GET, HEAD and the verbs no page knows."""
    answered, allowed = client.get(door.address), who in door.get
    body = body_of(answered)
    wrong = leaks(who, body + answered.get("Location", ""), door.people)
    if (answered.status_code == 200) != allowed or answered.status_code not in REFUSED | {200}:
        wrong.append(f"GET {answered.status_code}")
    if not {"private", "no-store"} <= set(re.split(r",\s*", answered["Cache-Control"])):
        wrong.append(f"Cache-Control {answered['Cache-Control']}")
    # For who may read, Django's admin answers them as GET. The log-in sends away by GET those who are in already.
    for verb in () if allowed or door.address == LOG_IN else ("HEAD", "OPTIONS", "PUT", "DELETE"):
        refused = client.generic(verb, door.address)
        says = body_of(refused)
        if refused.status_code not in REFUSED and not (verb == "OPTIONS" and not says):
            wrong.append(f"{verb} {refused.status_code}")
    return [f"{who}, {door.address}: {one}" for one in wrong]


def writing(world: SimpleNamespace, client: Client, strict: Client, who: str, door: Door) -> list[str]:
    """What is wrong with a form without its token, or forged by who may not change anything there."""
    before = writes()
    answers = {
        verb: status_of(strict.generic(verb, door.address, "a=b"))
        for verb in (("POST", "PUT", "DELETE") if who == ADMINISTRATEUR else ("POST",))
    }
    wrong = [f"{verb} without its token {status}" for verb, status in answers.items() if status not in REFUSED]
    if who not in door.post:
        forged = client.post(door.address, pirate(door.address, world))
        if forged.status_code not in REFUSED | ({200} if who in door.get else set()):
            wrong.append(f"POST {forged.status_code}")
        wrong += leaks(who, body_of(forged))
    if written := {table for table, _ in writes().items() ^ before.items()}:
        wrong.append(f"a refused form wrote in {written}")
    return [f"{who}, {door.address}: {one}" for one in wrong]


@pytest.mark.parametrize("who", [ANONYMOUS, CITIZEN, LECTEUR, ELSEWHERE, ADMINISTRATEUR])
def test_public_pages_are_the_same_for_everybody_and_write_nothing(world, who):
    client, nobody = client_of(world, who, enforce_csrf_checks=True), Client()
    before = fingerprint()
    for pattern, form in {**PUBLIC, **PUBLIC_ANSWERS}.items():
        address = form.format(**world.words)
        answered, asked = client.get(address), nobody.get(address)
        assert answered.status_code == asked.status_code, address
        assert answered.status_code in {200, 302} or pattern == "sante/", address
        assert not answered.cookies, address
        body = body_of(answered)
        if pattern != "sante/":
            assert body == body_of(asked), address
        assert leaks(ANONYMOUS, body + answered.get("Location", "")) == [], address
        if pattern in PUBLIC:
            assert answered["Cache-Control"] == "public, no-cache", address
        assert status_of(client.head(address)) == answered.status_code, address
        for verb in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            status = client.generic(verb, address, "a=b").status_code
            assert status in {403, 405}, f"{verb} {address} {status}"
    assert fingerprint() == before


@pytest.mark.parametrize("who", [ANONYMOUS, CITIZEN, LECTEUR, ELSEWHERE, ADMINISTRATEUR])
def test_personal_pages_are_private_and_want_their_token(world, who):
    client, strict = client_of(world, who), client_of(world, who, enforce_csrf_checks=True)
    before = fingerprint()
    for form, status in PERSONAL.values():
        address = form.format(**world.words)
        for verb in ("GET", "HEAD"):
            answered = client.generic(verb, address)
            assert answered.status_code == status, f"{verb} {address}"
            assert answered["Cache-Control"] == "private, no-store", address
            # Forms know the address of whoever is in; nobody else's.
            assert leaks(who if who == CITIZEN else ANONYMOUS, body_of(answered)) == [], address
        assert strict.post(address, pirate(address, world)).status_code in {403, 405}, address
        for verb in ("PUT", "DELETE", "OPTIONS", "PATCH"):
            assert strict.generic(verb, address, "a=b").status_code in {403, 405}, f"{verb} {address}"
    assert fingerprint() == before


@pytest.mark.parametrize("who", [ANONYMOUS, CITIZEN, LECTEUR, ADMINISTRATEUR])
def test_accounts_answer_their_owner_and_want_their_token(world, who):
    client, strict = client_of(world, who), client_of(world, who, enforce_csrf_checks=True)
    before, out = fingerprint(), who == ANONYMOUS
    own = "" if out else world.people[who].email
    pages = [(address, status if out else 302) for address, status in ENTRANCE.values()]
    pages += [(address, 302 if out else status) for address, status in ACCOUNT.values()]
    for form, status in pages:
        address = form.format(**world.words)
        for verb in ("GET", "HEAD"):
            answered = client.generic(verb, address)
            assert answered.status_code == status, f"{verb} {address}"
            assert {"private", "no-store"} <= set(re.split(r",\s*", answered["Cache-Control"])), address
            assert leaks(who, body_of(answered).replace(own, "")) == [], address
        assert strict.post(address, pirate(address, world)).status_code in {302, 403, 405}, address
        for verb in ("PUT", "DELETE", "PATCH"):
            assert strict.generic(verb, address, "a=b").status_code in {302, 403, 405}, f"{verb} {address}"
    assert fingerprint() == before


@pytest.mark.parametrize("who", [ANONYMOUS, CITIZEN, ADMINISTRATEUR])
def test_one_click_addresses_do_nothing_without_their_signature(world, who):
    strict = client_of(world, who, enforce_csrf_checks=True)
    before = fingerprint()
    for address in ONE_CLICK.values():
        for verb in ("GET", "HEAD", "POST"):
            answered = strict.generic(verb, address, "List-Unsubscribe=One-Click")
            assert answered.status_code == 404, f"{verb} {address}"
            assert answered["Cache-Control"] == "private, no-store", address
        for verb in ("PUT", "DELETE", "OPTIONS", "PATCH"):
            assert strict.generic(verb, address, "a=b").status_code == 405, f"{verb} {address}"
    assert fingerprint() == before


def test_reading_any_page_writes_nothing_not_even_for_a_moment(world):
    """GET never changes state (what is KEPT_ASIDE apart)."""
    client = client_of(world, ADMINISTRATEUR)
    addresses = [door.address for door in doors(world)]
    addresses += [form.format(**world.words) for form in {**PUBLIC, **PUBLIC_ANSWERS}.values()]
    addresses += [address for address, _ in PERSONAL.values()] + [*ONE_CLICK.values()]
    mine = [address.format(**world.words) for address, _ in {**ENTRANCE, **ACCOUNT}.values()]
    addresses += [address for address in mine if address != "/compte/sessions/"]  # it forgets those that are over
    before = writes()
    for address in addresses:
        body_of(client.get(address))
        assert writes() == before, address


def test_the_tests_above_can_fail(world):
    """A write is seen by both measures, also one that is taken back."""
    before, seen = fingerprint(), writes()
    Contribution.objects.update(example=True)
    assert fingerprint() != before
    assert writes() != seen

"""The three documents of docs/RGPD/, drawn from what is declared and set: nobody keeps them true by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from participons.held import IMPERSONAL
from socle.personaldata import AtErasure, Held
from socle.privacy.declared import declared, model_of
from socle.privacy.remaining import reasons_of

FOLDER = Path(settings.BASE_DIR) / "docs" / "RGPD"
WRITTEN = {
    "registre-des-traitements.md": "rgpd/registre.md",
    "analyse-d-impact.md": "rgpd/analyse.md",
    "sous-traitants.md": "rgpd/soustraitants.md",
}
PUBLIC_TASK = "mission d’intérêt public (RGPD, article 6, 1 e ; CRPA, article L. 131-1)"
CONSENT = "consentement (RGPD, article 6, 1 a), donné par une case non cochée d’avance, daté, retiré d’un clic"
OBLIGATION = "obligation légale (RGPD, article 6, 1 c)"


@dataclass(frozen=True)
class Processing:
    """One line of the record of article 30; `models` are the tables it rests on, `keeps` the kinds of RETENTION."""

    title: str
    purpose: str
    basis: str
    people: str
    recipients: str
    models: tuple[str, ...]
    keeps: tuple[str, ...]


PROCESSINGS = (
    Processing(
        "Recueillir et publier ce que disent les habitants",
        "recevoir, modérer et publier les contributions, dire à leurs auteurs ce qu’elles deviennent",
        PUBLIC_TASK,
        "qui contribue, soutient, signale ; des mineurs de moins de 15 ans, sans leur nom",
        "le public, pour ce qui est publié ; l’équipe de la démarche, selon ses rôles",
        (
            *("Contribution", "Contribution_enjeux", "Version", "ModerationNote", "SecondOpinion", "Reformulation"),
            *("Decision", "Reexamen", "Transcription", "CahierActeur", "ServiceAnswer", "Citation", "Signalement"),
            *("Reponse", "Relecture", "Repeated", "Annonce", "Soutien"),
        ),
        ("jamais_confirmees", "papiers", "identites"),
    ),
    Processing(
        "Tenir les rendez-vous et les ateliers",
        "donner les places, accueillir, composer les groupes, rédiger les comptes rendus",
        PUBLIC_TASK,
        "qui s’inscrit, vient, compose un groupe ou s’y porte candidat",
        "les organisateurs du rendez-vous ; le public, pour des nombres seulement",
        (
            *("Inscription", "Inscription_services", "InscriptionEvent", "Rappel", "Call"),
            *("Membre", "MembreEvent", "Candidature", "Remarque", "Lecture", "Moment", "Objection", "AnnonceRegard"),
        ),
        ("besoins", "noms_porte", "identites"),
    ),
    Processing(
        "Envoyer la lettre d’actualités",
        "prévenir par courriel qui l’a demandé",
        CONSENT,
        "qui s’abonne, à 15 ans ou plus",
        "personne hors de l’équipe",
        ("Abonnement",),
        ("abonnements",),
    ),
    Processing(
        "Publier des images des rendez-vous",
        "montrer ce qui s’est passé ; qui a accepté, et quand, est noté avec son inscription",
        CONSENT,
        "qui se laisse photographier ou filmer à un rendez-vous",
        "le public, pour les images publiées ; les organisateurs du rendez-vous",
        (),
        ("identites",),
    ),
    Processing(
        "Tenir les comptes",
        "permettre d’entrer, de retrouver ce que l’on a fait, de travailler dans l’équipe",
        PUBLIC_TASK,
        "qui ouvre un compte ; les agents",
        "les administrateurs",
        (
            *("User", "User_groups", "User_user_permissions", "Personne", "Role", "Animation", "ModerationKeys"),
            *("EmailAddress", "Authenticator", "SocialAccount", "UserSession", "LogEntry", "Export"),
        ),
        ("adresses", "comptes", "identites", "exports", "traces"),
    ),
    Processing(
        "Écrire à qui participe",
        "confirmer, rappeler, répondre",
        PUBLIC_TASK,
        "qui a donné son adresse",
        "le serveur de courriel",
        ("Envoi",),
        ("courriels",),
    ),
    Processing(
        "Répondre aux droits des personnes",
        "remettre une copie, répondre à une opposition, effacer",
        OBLIGATION,
        "qui exerce ses droits",
        "les administrateurs, le délégué à la protection des données",
        ("Copie", "Opposition", "Depart"),
        ("copies",),
    ),
)


def documents() -> dict[str, str]:
    """The text of each, by the name of its file."""
    return {name: render_to_string(template, _context()).strip() + "\n" for name, template in WRITTEN.items()}


def write(folder: Path = FOLDER) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (folder / name).write_text(text)
    return [folder / name for name in WRITTEN]


def _context() -> dict[str, Any]:
    tables = {held.model.split(".")[1]: _table(held) for held in declared()}
    return {
        "processings": [_filled(one, tables) for one in PROCESSINGS],
        "retention": settings.RETENTION,
        "impersonal": IMPERSONAL,
        "tables": tables,
    }


def _filled(one: Processing, tables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "said": one,
        "tables": [tables[name] for name in one.models],
        "keeps": [settings.RETENTION[kind] for kind in one.keeps],
    }


def _table(held: Held) -> dict[str, Any]:
    """What is held, in the words of its columns; what of it stays after a departure, and why."""
    model = model_of(held)
    fields = [(model._meta.get_field(name), rule) for name, rule in held.rules.items()]
    named = [(str(getattr(field, "verbose_name", field.name)), rule) for field, rule in fields]
    gone = [name for name, rule in named if rule.at != AtErasure.KEPT]
    return {
        "model": held.model,
        "title": held.title,
        "fields": [name for name, _ in named],
        "gone": gone,
        "why": reasons_of(held),
        "withheld": [(name, rule.withheld) for name, rule in named if rule.withheld],
    }

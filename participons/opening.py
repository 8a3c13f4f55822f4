"""« Avant l’ouverture »: what an administrateur must still set before people are invited, line by line.

Read by `manage.py opening_check` and by a page of the admin. Nothing is changed here; what no machine can see (a
backup that was restored, a record of the domain) is said as such, to be ticked by a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse

from consultation.choices import RoleKind
from consultation.models import Commune, Demarche, Lieu, RefusalReason, Rencontre, Role
from participons.models import ProgrammeLoad
from participons.safety import open_to_people, refusals
from socle.comptes.models import User
from socle.comptes.second_factor import KINDS
from socle.identity.models import AccessibilityState, SiteIdentity


@dataclass(frozen=True)
class Line:
    """What is wrong, why it matters, where it is put right; `by_hand` where only a person can see it."""

    what: str
    why: str
    url: str = ""
    by_hand: bool = False


def lines() -> list[Line]:
    return [*_settings(), *_identity(), *_mail(), *_team(), *_demarche(), *_by_hand()]


def missing() -> list[Line]:
    """What is certainly still to do."""
    return [line for line in lines() if not line.by_hand]


def _settings() -> Iterator[Line]:
    why = "Un portail ouvert à tous s’y refuse au démarrage."
    yield from (Line(sentence, why) for sentence in refusals())
    if not open_to_people():
        yield Line("SITE_URL désigne cette machine.", "Les liens des courriels et des affiches n’ouvriraient rien.")
    if not settings.REDIS_URL:
        yield Line("REDIS_URL n’est pas donnée.", "Les tâches passent par un dossier, qu’une seule machine peut lire.")
    if not settings.TRUSTED_PROXIES:
        yield Line("TRUSTED_PROXIES n’est pas donné.", "Tous les visiteurs semblent un seul : un abus les bloque tous.")


IDENTITY = {
    "region_name": "Chaque page et chaque courriel disent qui consulte.",
    "postal_address": "Les mentions légales la demandent, et l’on peut contribuer par courrier.",
    "contact_email": "Qui a une question, ou ne peut pas utiliser le site, doit pouvoir écrire.",
    "publication_director": "La loi pour la confiance dans l’économie numérique demande son nom.",
    "host": "La même loi demande le nom, l’adresse et le téléphone de l’hébergeur.",
    "dpo_contact": "Chacun doit pouvoir exercer ses droits sur ses données (RGPD, article 13).",
    "security_contact": "Le fichier security.txt dit à qui signaler une faille ; sa date de fin avance seule.",
}


def _identity() -> Iterator[Line]:
    identity = SiteIdentity.current()
    page = reverse("admin:identity_siteidentity_changelist")
    for name, why in IDENTITY.items():
        if not getattr(identity, name):
            label = getattr(SiteIdentity._meta.get_field(name), "verbose_name", name)
            yield Line(f"Identité du site : « {label} » n’est pas rempli.", why, page)
    if identity.accessibility_state == AccessibilityState.NON and not identity.accessibility_notes:
        yield Line(
            "La déclaration d’accessibilité ne dit pas ce qui n’est pas accessible.",
            "Sans audit le site se dit « non conforme », et la loi demande de dire en quoi.",
            page,
        )


def _mail() -> Iterator[Line]:
    if not settings.EMAIL_URL:
        yield Line("EMAIL_URL n’est pas donnée.", "Aucun courriel ne part : personne ne confirme ni n’entre.")
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    host = urlsplit(settings.SITE_URL).hostname or ""
    if sender == "localhost":
        yield Line("DEFAULT_FROM_EMAIL écrit depuis localhost.", "Les courriels seraient refusés, ou jamais lus.")
    elif not f".{host}".endswith(f".{sender}"):
        why = "Un message dont le domaine n’est pas celui du site passe pour un faux (DMARC)."
        yield Line(f"DEFAULT_FROM_EMAIL écrit depuis {sender}, et le site est {host}.", why)
    if not settings.BOUNCE_ADDRESS:
        why = "Les retours reviennent à l’expéditeur : les adresses mortes ne sont pas reconnues."
        yield Line("BOUNCE_ADDRESS n’est pas donnée.", why)


def _team() -> Iterator[Line]:
    page = reverse("admin:comptes_user_changelist")
    staff = User.objects.filter(is_staff=True, is_active=True)
    if demo := staff.filter(is_demonstration=True).count():
        why = "Leurs mots de passe sont dans un fichier de la machine : désactivez-les."
        yield Line(f"Comptes de démonstration actifs : {demo}.", why, page)
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=KINDS)
    if alone := staff.exclude(is_demonstration=True).filter(~Exists(factor)).count():
        why = "L’administration ne s’ouvre pas sans : chacun en pose un depuis « Mon compte », avant le premier jour."
        yield Line(f"Membres de l’équipe sans second moyen de se faire reconnaître : {alone}.", why, page)
    if staff.filter(is_superuser=True).exclude(is_demonstration=True).count() < 2:
        why = "Si le seul administrateur est absent, personne ne peut le remplacer."
        yield Line("Il y a moins de deux administrateurs.", why, page)


def _demarche() -> Iterator[Line]:
    demarche = Demarche.objects.filter(courante=True).first()
    if demarche is None:
        page = reverse("admin:consultation_demarche_changelist")
        yield Line("Aucune démarche n’est la démarche courante.", "L’accueil n’a rien à montrer.", page)
        return
    page = reverse("admin:consultation_demarche_change", args=[demarche.pk])
    if missing_parts := demarche.missing_to_open():
        yield Line(
            f"Le cadre n’est pas entier : il manque {len(missing_parts)} parties.",
            "On doit savoir d’avance ce qui est ouvert, qui décide et ce que deviendront les contributions.",
            f"{page}#ouverture",
        )
    if not demarche.contributions_open_at:
        yield Line("Aucune date n’ouvre les contributions.", "On ne pourra pas contribuer en ligne.", page)
    if not Role.objects.active().filter(demarche=demarche, kind=RoleKind.RESPONSABLE, user__is_active=True).exists():
        team = reverse("admin:consultation_demarche_equipe", args=[demarche.pk])
        yield Line("La démarche n’a pas de responsable.", "Personne n’est prévenu de ce qui presse.", team)
    if demarche.example_dates or ProgrammeLoad.objects.filter(demarche=demarche.pk, exemple__isnull=False).exists():
        why = "Ses dates ou ses contributions sont des exemples : le public les croirait vraies."
        yield Line("La démarche courante est une démonstration.", why, page)
    yield from _programme(demarche)


def _programme(demarche: Demarche) -> Iterator[Line]:
    used = Rencontre.objects.filter(demarche=demarche).published()
    if count := Lieu.objects.filter(access="", pk__in=used.values("lieu")).count():
        why = "Qui vient sans voiture, ou avec un fauteuil, doit savoir comment."
        page = reverse("admin:consultation_lieu_changelist")
        yield Line(f"Lieux de rendez-vous annoncés qui ne disent pas comment venir : {count}.", why, page)
    if not RefusalReason.objects.filter(is_active=True).exists():
        page = reverse("admin:consultation_refusalreason_changelist")
        yield Line("Aucun motif de refus n’est écrit.", "Un refus sans motif ne peut pas être prononcé.", page)
    if not Commune.objects.exists():
        yield Line("La liste des communes est vide.", "« manage.py import_communes » la prend de l’INSEE.")


def _by_hand() -> Iterator[Line]:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    why = "Sans eux les courriels du portail vont aux indésirables, ou sont refusés."
    domain = f"de {sender}" if "." in sender else "du domaine d’envoi"
    yield Line(f"Les enregistrements SPF, DKIM et DMARC {domain} autorisent le serveur d’envoi.", why, by_hand=True)
    why = "La base et le dossier DOCUMENT_STORAGE vont ensemble ; une sauvegarde jamais relue n’en est pas une."
    yield Line("Une sauvegarde chaque jour, relue une fois sur une autre machine.", why, by_hand=True)
    why = "Numéro de suivi, liens et sessions en dépendent : perdue, tous cessent de valoir."
    yield Line("SECRET_KEY est gardée hors de la machine, avec les sauvegardes.", why, by_hand=True)
    why = "Un téléservice d’une collectivité est homologué avant d’ouvrir (RGS), et inscrit au registre du RGPD."
    yield Line("L’homologation et l’inscription au registre des traitements sont faites.", why, by_hand=True)

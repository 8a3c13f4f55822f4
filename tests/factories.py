"""The dullest valid row of each kind; a test states only what matters to it.

Dates are relative to today, so that no test depends on the day: the démarche takes contributions, the étape runs.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from ateliers.models import (
    Animation,
    Atelier,
    Candidature,
    Membre,
    Objective,
    Production,
    ProductionVersion,
    Seance,
    Table,
)
from consultation.choices import (
    ContributionState,
    DemarcheState,
    InscriptionState,
    Level,
    Nature,
    Origine,
    RencontreKind,
    RencontreState,
    RessourceKind,
    RoleKind,
    SpeaksAs,
    WithdrawnBy,
)
from consultation.etapes import EtapeType
from consultation.models import (
    Abonnement,
    Actualite,
    Archivage,
    Cadre,
    College,
    Commune,
    Contribution,
    Demarche,
    Enjeu,
    Etape,
    Inscription,
    Lieu,
    RefusalReason,
    Rencontre,
    Ressource,
    Role,
    Soutien,
    Theme,
)
from forums.models import Forum
from socle.comptes.models import Personne, User
from socle.dates import Precision
from socle.documents.files import storage
from socle.documents.models import Document, MediaType
from socle.identity.models import SiteIdentity

_numbers = count(1)
PASSWORD = "un-long-mot-de-passe-de-test"


def local(days: int = 0, hour: int = 0, minute: int = 0) -> datetime:
    """An instant at that hour in Paris, so many days from today."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


FRAME = {
    "object": "Écrire une politique ensemble.",
    "level": Level.CONCERTATION,
    "open_points": "Tout ce qui n’est pas encore décidé.",
    "decision": "L’assemblée de la Région d’essai.",
    "use_of_contributions": "Elles sont lues, et une réponse leur est faite.",
    "charte": "Chacun écoute les autres.",
    "moderation_rules": "Un texte qui respecte la loi est publié.",
}


def make_demarche(**fields: Any) -> Demarche:
    """A published démarche, its frame whole, that takes contributions since ten days; `courante` unless another is."""
    number = next(_numbers)
    defaults = {
        "title": f"Démarche {number}",
        "slug": f"demarche-{number}",
        "code": f"D{number}",
        "owner": "La Région d’essai",
        "state": DemarcheState.PUBLISHED,
        "contributions_open_at": local(-10),
    }
    if "courante" not in fields:
        state = fields.get("state", DemarcheState.PUBLISHED)
        fields["courante"] = state != DemarcheState.DRAFT and not Demarche.objects.filter(courante=True).exists()
    with transaction.atomic():  # a démarche opens with its frame, or not at all
        demarche = Demarche.objects.create(**(defaults | fields))
        if demarche.state != DemarcheState.DRAFT:
            make_cadre(demarche=demarche, published_on=date(2011, 1, 27))
    return demarche


def archived(demarche: Demarche) -> None:
    """With the reason why it does without what it owes."""
    by = make_superuser()
    Archivage.objects.create(demarche=demarche, missing=["Aucune suite."], reason="Renoncement.", by=by)
    Demarche.objects.filter(pk=demarche.pk).update(state=DemarcheState.ARCHIVED)


def _demarche(fields: dict[str, Any]) -> Demarche:
    """The one given, else the current one, else a new one."""
    return fields.pop("demarche", None) or Demarche.objects.current() or make_demarche()


def _next_rank(model: Any, demarche: Demarche) -> int:
    return model.objects.filter(demarche=demarche).count() + 1


def make_cadre(**fields: Any) -> Cadre:
    """A whole version of the frame, in force from today: a published démarche has one of long ago already."""
    demarche = _demarche(fields)
    return Cadre.objects.create(demarche=demarche, **({"published_on": timezone.localdate()} | FRAME | fields))


def make_etape(**fields: Any) -> Etape:
    demarche = _demarche(fields)
    rank = fields.pop("rank", None) or _next_rank(Etape, demarche)
    today = timezone.localdate()
    defaults = {
        "type": EtapeType.ATELIERS,
        "title": f"Étape d’essai {rank}",
        "starts_on": today - timedelta(days=10),
        "ends_on": today + timedelta(days=10),
    }
    return Etape.objects.create(demarche=demarche, rank=rank, **(defaults | fields))


def make_enjeu(**fields: Any) -> Enjeu:
    demarche = _demarche(fields)
    rank = fields.pop("rank", None) or _next_rank(Enjeu, demarche)
    defaults = {"short_title": f"Enjeu {rank}", "sentence": f"enjeu {rank} et sa phrase entière"}
    return Enjeu.objects.create(demarche=demarche, rank=rank, **(defaults | fields))


def make_theme(**fields: Any) -> Theme:
    demarche = _demarche(fields)
    rank = fields.pop("rank", None) or _next_rank(Theme, demarche)
    defaults = {"question": f"Question du thème {rank} ?"}
    return Theme.objects.create(demarche=demarche, rank=rank, **(defaults | fields))


def make_college(**fields: Any) -> College:
    demarche = _demarche(fields)
    rank = fields.pop("rank", None) or _next_rank(College, demarche)
    return College.objects.create(demarche=demarche, rank=rank, **({"label": f"Collège {rank}"} | fields))


def make_commune(**fields: Any) -> Commune:
    number = next(_numbers)
    defaults = {"insee_code": f"{number:05}", "name": f"Commune {number}", "departement": "59"}
    return Commune.objects.create(**(defaults | fields))


def make_lieu(**fields: Any) -> Lieu:
    number = next(_numbers)
    return Lieu.objects.create(**({"name": f"Salle {number}", "town": f"Ville {number}"} | fields))


def make_rencontre(**fields: Any) -> Rencontre:
    """A published public meeting in three days, without hour, lieu or places."""
    demarche = _demarche(fields)
    defaults = {
        "kind": RencontreKind.REUNION,
        "title": f"Rencontre {next(_numbers)}",
        "starts_at": local(3),
        "precision": Precision.DAY,
        "state": RencontreState.PUBLISHED,
        "cancel_reason": "La salle est fermée." if fields.get("state") == RencontreState.CANCELLED else "",
    }
    return Rencontre.objects.create(demarche=demarche, **(defaults | fields))


def make_atelier(**fields: Any) -> Atelier:
    """An atelier without its lieu; `themes` may be given as a list."""
    demarche = _demarche(fields)
    themes = fields.pop("themes", [])
    rank = fields.pop("rank", None) or _next_rank(Atelier, demarche)
    defaults = {"question": f"Question de l’atelier {rank} ?", "town": f"Ville {rank}"}
    atelier = Atelier.objects.create(demarche=demarche, rank=rank, **(defaults | fields))
    atelier.themes.set(themes)
    return atelier


def make_seance(atelier: Atelier | None = None, **fields: Any) -> Seance:
    """A séance and its rencontre; what is not a field of the séance goes to the rencontre (`capacity`, …)."""
    atelier = atelier or make_atelier()
    rank = fields.pop("rank", None) or atelier.seances.count() + 1
    own = {name: fields.pop(name) for name in ("objective", "ordre_du_jour", "sheets_printed") if name in fields}
    if not (rencontre := fields.pop("rencontre", None)):
        defaults = {
            "demarche": atelier.demarche,
            "kind": RencontreKind.SEANCE,
            "title": f"Atelier {atelier.rank}, séance {rank}",
            "lieu": atelier.lieu,
            "starts_at": local(14 * (rank - 1) + 3),
        }
        rencontre = make_rencontre(**(defaults | fields))
    objective = Objective.values[(rank - 1) % len(Objective.values)]
    return Seance.objects.create(atelier=atelier, rencontre=rencontre, rank=rank, **({"objective": objective} | own))


def make_table(seance: Seance | None = None, **fields: Any) -> Table:
    """The table of a séance that is held today; its link is good until tomorrow evening."""
    seance = seance or make_seance(starts_at=local())
    defaults = {"number": seance.tables.count() + 1, "nonce": f"nonce-{next(_numbers)}"}
    return Table.objects.create(seance=seance, **(defaults | fields))


def make_production(seance: Seance | None = None, **fields: Any) -> Production:
    """Published, as it left the séance where it was born; what is not a field of it goes to the contribution."""
    seance = seance or make_seance(starts_at=local())
    own = {name: fields.pop(name) for name in ("table", "sheet", "minority") if name in fields}
    said = {"demarche": seance.atelier.demarche, "rencontre": seance.rencontre, "origine": Origine.SEANCE}
    contribution = make_contribution(**said | {"speaks_as": SpeaksAs.GROUP} | fields)
    production = Production.objects.create(contribution=contribution, seance=seance, **own)
    words = {"title": contribution.title, "body": contribution.body}
    ProductionVersion.objects.create(production=production, seance=seance, **words)
    return production


def make_forum(**fields: Any) -> Forum:
    """A forum and its rencontre; what is not a field of the forum goes to the rencontre."""
    names = ("edition", "periodicity", "purpose", "texte", "remarks_open_at", "remarks_close_at")
    own = {name: fields.pop(name) for name in names if name in fields}
    if not (rencontre := fields.pop("rencontre", None)):
        defaults = {"kind": RencontreKind.FORUM, "title": "Forum d’essai", "starts_at": local(40)}
        rencontre = make_rencontre(**(defaults | fields))
    return Forum.objects.create(rencontre=rencontre, **({"edition": 1} | own))


def make_personne(**fields: Any) -> Personne:
    """Someone whose address is confirmed; `confirmed_at=None` for someone who has not followed the link."""
    defaults = {"email": f"personne{next(_numbers)}@example.org", "confirmed_at": timezone.now()}
    return Personne.objects.create(**(defaults | fields))


def make_user(**fields: Any) -> User:
    """An account without any right; the password is PASSWORD."""
    email = fields.pop("email", f"compte{next(_numbers)}@example.org")
    return User.objects.create_user(email, fields.pop("password", PASSWORD), **fields)


def make_superuser(**fields: Any) -> User:
    return make_user(is_staff=True, is_superuser=True, **fields)


def make_role(user: User | None = None, **fields: Any) -> Role:
    """A member of staff who moderates."""
    demarche = _demarche(fields)
    defaults = {"kind": RoleKind.MODERATEUR}
    return Role.objects.create(user=user or make_user(is_staff=True), demarche=demarche, **(defaults | fields))


def make_animation(**fields: Any) -> Animation:
    atelier = fields.pop("atelier", None) or make_atelier()
    user = fields.pop("user", None) or make_user(is_staff=True)
    return Animation.objects.create(user=user, atelier=atelier, **fields)


def make_membre(**fields: Any) -> Membre:
    atelier = fields.pop("atelier", None) or make_atelier()
    personne = fields.pop("personne", None) or make_personne()
    return Membre.objects.create(atelier=atelier, personne=personne, **({"came_by": "candidature"} | fields))


def make_candidature(**fields: Any) -> Candidature:
    """Somebody who may be drawn, with the next number of the atelier."""
    atelier = fields.pop("atelier", None) or make_atelier()
    personne = fields.pop("personne", None) or make_personne()
    number = fields.pop("number", None) or atelier.candidatures.count() + 1
    return Candidature.objects.create(atelier=atelier, personne=personne, number=number, **fields)


def make_inscription(**fields: Any) -> Inscription:
    rencontre = fields.pop("rencontre", None) or make_rencontre()
    personne = fields.pop("personne", None) or make_personne()
    defaults = {"state": InscriptionState.CONFIRMED}
    return Inscription.objects.create(rencontre=rencontre, personne=personne, **(defaults | fields))


def make_reason(**fields: Any) -> RefusalReason:
    defaults = {"label": f"Motif {next(_numbers)}", "explanation": "Le texte ne porte pas sur la consultation."}
    return RefusalReason.objects.create(**(defaults | fields))


def make_contribution(**fields: Any) -> Contribution:
    """A published, anonymous contribution; `state=` for another one, `enjeux=[…]` for its enjeux."""
    enjeux = fields.pop("enjeux", [])
    theme = fields.get("theme")
    demarche = theme.demarche if theme and "demarche" not in fields else _demarche(fields)
    state = fields.pop("state", ContributionState.PUBLISHED)
    shown = state in (ContributionState.PUBLISHED, ContributionState.WITHDRAWN)
    number = next(_numbers)
    defaults = {
        "nature": Nature.PROPOSITION,
        "title": f"Contribution {number}",
        "body": f"Le texte de la contribution {number}.",
        "published_at": timezone.now() if shown else None,
        "withdrawn_by": WithdrawnBy.MODERATION if state == ContributionState.WITHDRAWN else "",
    }
    contribution = Contribution.objects.create(demarche=demarche, state=state, **(defaults | fields))
    contribution.enjeux.set(enjeux)
    return contribution


def make_identity(**fields: Any) -> SiteIdentity:
    """The site's identity, whole; nothing of it is a real institution's."""
    defaults = {
        "region_name": "Région d’essai",
        "postal_address": "1, place de la Région\n59000 Lille",
        "contact_email": "contact@example.org",
        "contact_phone": "03 00 00 00 00",
        "contact_hours": "du lundi au vendredi, de 9 h à 17 h",
        "publication_director": "La directrice de la publication",
        "host": "Un hébergeur, 2, rue des Machines, 59000 Lille, 03 00 00 00 01",
        "dpo_contact": "dpo@example.org",
        "security_contact": "securite@example.org",
    }
    return SiteIdentity.objects.update_or_create(pk=1, defaults=defaults | fields)[0]


def make_actualite(**fields: Any) -> Actualite:
    """A published item of news about the whole démarche, not yet announced."""
    number = next(_numbers)
    defaults = {"title": f"Actualité {number}", "body": f"La nouvelle {number}.", "published_at": timezone.now()}
    return Actualite.objects.create(demarche=_demarche(fields), **(defaults | fields))


def make_document(**fields: Any) -> Document:
    """A small PDF, in the folder of the documents."""
    content = b"%PDF-1.7 pour les tests"
    name = f"essai-{next(_numbers)}"
    (storage() / name).write_bytes(content)
    defaults = {"path": name, "media_type": MediaType.PDF, "size": len(content), "sha256": "0" * 64}
    by = fields.pop("created_by", None) or make_user(is_staff=True)
    return Document.objects.create(created_by=by, **(defaults | fields))


def make_ressource(**fields: Any) -> Ressource:
    """A published link; `document=` for a document, `themes=[…]`."""
    themes = fields.pop("themes", [])
    kind = {"kind": RessourceKind.DOCUMENT} if fields.get("document") else {"url": "https://www.example.org/etude"}
    defaults = {"kind": RessourceKind.LINK, "title": f"Ressource {next(_numbers)}", "published_at": timezone.now()}
    ressource = Ressource.objects.create(demarche=_demarche(fields), **(defaults | kind | fields))
    ressource.themes.set(themes)
    return ressource


def make_abonnement(**fields: Any) -> Abonnement:
    """Someone who asked for the news of the whole démarche, and confirmed."""
    personne = fields.pop("personne", None) or make_personne()
    return Abonnement.objects.create(personne=personne, demarche=_demarche(fields), **fields)


def make_soutien(**fields: Any) -> Soutien:
    """Somebody supports something published, today."""
    contribution = fields.pop("contribution", None) or make_contribution()
    personne = fields.pop("personne", None) or make_personne()
    return Soutien.objects.create(contribution=contribution, personne=personne, **fields)

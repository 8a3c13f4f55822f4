"""Somebody who did everything the portal allows, with one word in all they wrote: what the tests of leaving share."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.db.models.functions import Now
from django.utils import timezone

from ateliers.models import CompteRendu, Lecture, MembreEvent, Remarque
from consultation.actions import relectures
from consultation.choices import AnnonceOutcome, ContributionState, Display, InscriptionState, SpeaksAs
from consultation.models import (
    Annonce,
    Call,
    Citation,
    Decision,
    InscriptionEvent,
    ModerationKeys,
    ModerationNote,
    Rappel,
    Reexamen,
    Reformulation,
    Role,
    SecondOpinion,
    Service,
    ServiceAnswer,
    Signalement,
    Soutien,
    Transcription,
    Version,
)
from forums.models import AnnonceRegard, DroitDeRegard, Moment, Objection
from socle.comptes.models import Personne
from socle.courriels.actions import enqueue
from socle.exports.models import Export
from socle.privacy.actions import leaving
from socle.privacy.models import Copie, Depart, Opposition
from tests.factories import (
    local,
    make_abonnement,
    make_animation,
    make_candidature,
    make_contribution,
    make_document,
    make_enjeu,
    make_forum,
    make_inscription,
    make_membre,
    make_personne,
    make_production,
    make_reason,
    make_rencontre,
    make_seance,
    make_superuser,
    make_user,
)
from tests.textes import answered, make_texte, passage, published

NAME = "Zirconium"
ADDRESS = "alice.zirconium@example.org"
LATER = timedelta(seconds=1)


def make_alice() -> Personne:
    """With a row in every table that is declared to hold something of a person."""
    alice = make_personne(email=ADDRESS)
    staff = make_superuser()
    _said(alice, staff)
    _came(alice, staff)
    _asked(alice, staff)
    return alice


def _said(alice: Personne, staff: Any) -> None:
    said = make_contribution(
        personne=alice,
        title=f"{NAME} en ville",
        body=f"Moi, {NAME}, je le dis.",
        display=Display.NAMED,
        author_name=NAME,
        speaks_as=SpeaksAs.PERSONAL,
        organisation=NAME,
        function=NAME,
        commune_name=NAME,
        support_count=3,
        submitted_at=local(-2),
        tracking_hash=b"a" * 32,
        enjeux=[make_enjeu()],
    )
    said.versions.create(title=NAME, body=NAME, cause="correction")
    ModerationNote.objects.create(contribution=said, by=staff, body=f"{NAME} insiste")
    SecondOpinion.objects.create(contribution=said, asked_by=staff, question=NAME)
    Reformulation.objects.create(contribution=said, asked_by=staff, request=NAME, due_on=timezone.localdate())
    ServiceAnswer.objects.create(contribution=said, service="Service des transports", body="Réponse")
    Transcription.objects.create(
        contribution=said, received_on=timezone.localdate(), transcriber=staff, scan=make_document()
    )
    texte = make_texte(demarche=said.demarche)
    passage(texte, said, quote="je le dis")
    words = {"title": "Des trains", "body": "Il en faut le soir.", "submitted_at": local(-2)}  # another says the same
    copies = [make_contribution(personne=one, demarche=said.demarche, **words) for one in (alice, None)]
    answered(texte, copies[0])
    relectures.draw(texte.draft, 2, by=staff)
    published(texte, final=False)
    Annonce.objects.create(texte=texte, contribution=said, outcome=AnnonceOutcome.TAKEN_UP)
    production = make_production()
    Citation.objects.create(citing=production.contribution, cited=said, quote=f"Moi, {NAME}")
    Lecture.objects.create(seance=production.seance, contribution=said, number=1)
    for one in range(3):
        Soutien.objects.create(contribution=said, personne=make_personne() if one else alice)
    refused = make_contribution(personne=alice, state=ContributionState.REFUSED, title=NAME, body=NAME)
    decision = Decision.objects.create(
        contribution=refused, from_state="en_attente", to_state="refusee", by=staff, reason=make_reason(), message=NAME
    )
    Reexamen.objects.create(contribution=refused, decision=decision, words=NAME)
    Signalement.objects.create(
        contribution=make_contribution(), reason="autre", words=NAME, personne=alice, tracking_hash=b"b" * 32
    )
    Version.objects.update(replaced_at=timezone.now() - LATER)


def _came(alice: Personne, staff: Any) -> None:
    seance = make_seance(starts_at=local(-3))
    came = make_inscription(
        rencontre=seance.rencontre, personne=alice, name=NAME, phone="06 00 00 00 00", attended_at=local(-3, 18)
    )
    came.services.add(Service.objects.get_or_create(label="Boucle magnétique")[0])
    Call.objects.create(inscription=came, by=staff, reached=True)
    InscriptionEvent.objects.create(inscription=came, kind="confirmee", note=NAME)
    Rappel.objects.create(inscription=came, days=1, starts_at=seance.rencontre.starts_at)
    rendu = CompteRendu.objects.create(
        seance=seance, state="ouvert", opened_at=timezone.now(), remarks_until=timezone.localdate()
    )
    Remarque.objects.create(compte_rendu=rendu, inscription=came, words=f"{NAME} y était", submission_key=uuid4())
    membre = make_membre(atelier=seance.atelier, personne=alice, name=NAME, organisation=NAME)
    MembreEvent.objects.create(membre=membre, kind="entree", by=staff)
    make_candidature(atelier=seance.atelier, personne=alice, name=NAME, organisation=NAME)
    _at_forum(membre, seance, staff)
    coming = make_rencontre(capacity=1, starts_at=local(5))
    make_inscription(rencontre=coming, personne=alice, name=NAME)
    make_inscription(rencontre=coming, state=InscriptionState.WAITING)
    make_abonnement(personne=alice)


def _at_forum(membre: Any, seance: Any, staff: Any) -> None:
    """She speaks for her group, and objects to how one of its productions was taken up."""
    forum = make_forum(demarche=seance.atelier.demarche)
    Moment.objects.create(
        forum=forum, rank=1, kind="restitution", atelier=seance.atelier, membre=membre, rapporteur=NAME
    )
    texte = make_texte(demarche=seance.atelier.demarche, closed=False)
    droit = DroitDeRegard.objects.create(forum=forum, version=texte.draft, days=5, closes_at=local(6), by=staff)
    parent = make_production(seance).contribution
    said = make_contribution(parent=parent, stance="contre", personne=membre.personne)
    Objection.objects.create(contribution=said, droit=droit, membre=membre)
    AnnonceRegard.objects.create(droit=droit, membre=membre, closes_at=droit.closes_at)


def _asked(alice: Personne, staff: Any) -> None:
    enqueue(to=ADDRESS.upper(), subject=NAME, text=f"Bonjour {NAME}", dedupe_key=f"essai:{ADDRESS}")
    Opposition.objects.create(personne=alice, words=NAME, submission_key=uuid4())
    Copie.objects.create(personne=alice)
    account = make_user(email=ADDRESS, personne=alice, display_name=NAME)
    account.groups.add(Group.objects.create(name="lecture"))
    account.user_permissions.add(Permission.objects.earliest("pk"))
    EmailAddress.objects.create(user=account, email=ADDRESS, verified=True, primary=True)
    Authenticator.objects.create(user=account, type="totp", data={})
    SocialAccount.objects.create(user=account, provider="franceconnect", uid=NAME)
    UserSession.objects.create(user=account, ip="192.0.2.7", session_key=NAME, user_agent=NAME)
    LogEntry.objects.create(user=account, object_repr=NAME, action_flag=1, change_message="")
    Export.objects.create(owner=account, kind="synthese", label=NAME, params={})
    ModerationKeys.objects.create(user=account)
    Role.objects.create(user=account, demarche=make_rencontre().demarche, kind="lecteur", ends_on=timezone.localdate())
    make_animation(user=account)


def depart_of(personne: Personne, *, with_texts: bool = False) -> Depart:
    """Asked, and due now."""
    depart = leaving.ask(personne, with_texts=with_texts)
    Depart.objects.filter(pk=depart.pk).update(next_attempt_at=Now())
    return depart


def leave(personne: Personne, *, with_texts: bool = False) -> Depart:
    """Asked, thought over and carried out; the last mail is not sent yet."""
    depart = depart_of(personne, with_texts=with_texts)
    assert leaving.erase_next()
    depart.refresh_from_db()
    assert depart.erased_at, depart.problem
    return depart


def check(*words: str) -> str:
    """What `manage.py erasure_check` says; empty where there is nothing left."""
    out = StringIO()
    try:
        call_command("erasure_check", words[0], name=words[1] if words[1:] else None, stdout=out)
    except CommandError:
        return out.getvalue()
    return ""


def texts_of(row: Model) -> dict[str, Any]:
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}

"""« Avant l’ouverture »: what is missing is said with why and where; what is set is not said any more."""

import io

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command

from consultation.choices import RoleKind
from participons.opening import lines, missing
from tests.factories import (
    local,
    make_cadre,
    make_commune,
    make_demarche,
    make_identity,
    make_lieu,
    make_reason,
    make_rencontre,
    make_role,
    make_superuser,
)
from tests.test_checks import OPEN

pytestmark = pytest.mark.django_db

FILLED = {
    "region_name": "Région d’essai",
    "postal_address": "1, place de la Région",
    "contact_email": "contact@example.org",
    "publication_director": "La directrice",
    "host": "Un hébergeur",
    "dpo_contact": "dpo@example.org",
    "security_contact": "securite@example.org",
    "accessibility_notes": "Les cartes n’ont pas d’équivalent.",
}


def secured(user):
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    return user


@pytest.fixture
def ready(settings, monkeypatch):
    """Everything that the portal can see is set."""
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    for name, value in OPEN.items():
        setattr(settings, name, value)
    settings.BOUNCE_ADDRESS = "retours@example.org"
    make_identity(**FILLED)
    make_commune()
    make_reason()
    demarche = make_demarche(contributions_open_at=local(0))
    make_cadre(demarche=demarche)
    make_rencontre(demarche=demarche, lieu=make_lieu(access="Bus 3."))
    for _ in range(2):
        secured(make_superuser())
    secured(make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user)
    return demarche


def said():
    return [line.what for line in missing()]


def test_nothing_is_missing_once_all_is_set(ready):
    assert said() == []
    assert any("SPF" in line.what and "example.org" in line.what for line in lines() if line.by_hand)
    call_command("opening_check", stdout=io.StringIO())


def test_a_fresh_portal_is_told_each_thing_with_why_and_where(client):
    out = io.StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("opening_check", stdout=out)
    for words in ("SITE_URL désigne", "EMAIL_URL n’est pas donnée", "« délégué à la protection", "démarche courante"):
        assert words in out.getvalue()
    client.force_login(make_superuser())
    page = client.get("/admin/avant-l-ouverture/").content.decode()
    assert "RGPD, article 13" in page and 'href="/admin/identity/siteidentity/"' in page
    assert "Avant l’ouverture" in client.get("/admin/").content.decode()


@pytest.mark.parametrize("name", sorted(FILLED))
def test_each_word_of_the_identity_is_asked_for(ready, name):
    make_identity(**FILLED | {name: ""})
    assert len(said()) == 1


def test_what_changes_in_the_team_or_the_programme_is_seen(ready, settings):
    make_superuser(email="demo@participons.example", is_demonstration=True)
    make_role(demarche=ready, kind=RoleKind.LECTEUR)
    ready.roles.filter(kind=RoleKind.RESPONSABLE).delete()
    make_rencontre(demarche=ready, lieu=make_lieu(name="Sans accès", access=""))
    settings.DEFAULT_FROM_EMAIL = "Participons <x@autre.example>"
    found = " ".join(said())
    for words in (
        "Comptes de démonstration actifs : 1",
        "sans second moyen de se faire reconnaître : 1",
        "pas de responsable",
        "comment venir : 1",
        "autre.example",
    ):
        assert words in found


def test_a_demonstration_is_not_opened_by_mistake(ready):
    ready.example_dates = True
    ready.save()
    assert said() == ["La démarche courante est une démonstration."]

"""What enters the register when the public, a moderator or a responsable does something, through the pages they use."""

import re
from datetime import date
from threading import Barrier

import pytest
from django.test import Client
from django.urls import reverse

from consultation.actions.contributions import change_state
from consultation.actions.entries import DECISIONS
from consultation.choices import ContributionState as S
from consultation.choices import DecisionCause as C
from consultation.choices import DemarcheState, Moderation, RoleKind
from consultation.models import Contribution
from consultation.states import TRANSITIONS
from participons.actes import ACTS
from socle.registre.actions import forget_text, seal
from socle.registre.models import Entree, EntreeKey
from socle.registre.sealing import fingerprint_of
from tests.factories import (
    make_contribution,
    make_demarche,
    make_etape,
    make_personne,
    make_reason,
    make_rencontre,
    make_role,
)
from tests.test_admin_demarche import posted
from tests.test_places import at_once
from tests.writing import contribute, link_in, mails, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche(slug="dp-2011", code="DP11")


@pytest.fixture
def responsable(client, demarche):
    user = make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user
    client.force_login(user)
    return user


def page_of(contribution) -> str:
    return f"/admin/consultation/contribution/{contribution.pk}/change/"


def entered() -> list[tuple]:
    return [(one.kind, one.subject, one.role, one.facts) for one in Entree.objects.order_by("pk")]


def file_of() -> str:
    seal()
    return b"".join(Client().get("/registre/registre.jsonl")).decode()


# Decisions


def test_a_moderators_decisions_enter_with_their_reason(client, responsable, demarche):
    kept, refused = (make_contribution(state=S.WAITING) for _ in range(2))
    client.post(page_of(kept), {"to_state": "publiee"})
    reason = make_reason(label="Hors du sujet")
    client.post(page_of(refused), {"to_state": "refusee", "reason": reason.pk, "message": "Un mot pour vous seul."})
    assert entered() == [
        ("contribution.publiee", kept.reference, "modérateur", {}),
        ("contribution.refusee", refused.reference, "modérateur", {"motif": "Hors du sujet"}),
    ]
    assert set(Entree.objects.values_list("demarche", flat=True)) == {"dp-2011"}
    assert "Un mot pour vous seul." not in file_of()


def test_what_the_rule_of_the_demarche_publishes_is_said_so(client):
    make_demarche(moderation=Moderation.AFTER)
    contribution = contribute(client, email="alice@example.org")
    assert entered() == [], "an address that is not proved yet is nobody's act"
    (message,) = mails()
    client.post(link_in(message))
    assert [one[:3] for one in entered()] == [("contribution.publiee", contribution.reference, "règle de la démarche")]


@pytest.mark.parametrize("before", [S.TO_CONFIRM, S.WAITING, S.PUBLISHED])
def test_an_author_who_withdraws_is_in_the_register_only_where_something_was_public(demarche, before):
    contribution = make_contribution(state=before)
    change_state(contribution, S.WITHDRAWN, by=None, cause=C.AUTHOR)
    public = [("contribution.retiree", contribution.reference, "auteur")] if before == S.PUBLISHED else []
    assert [one[:3] for one in entered()] == public


def test_each_change_of_state_enters_or_has_a_reason_not_to():
    private = {(S.TO_CONFIRM, S.WAITING), (S.TO_CONFIRM, S.WITHDRAWN), (S.WAITING, S.WITHDRAWN)}
    assert set(TRANSITIONS) == set(DECISIONS) | private
    assert set(DECISIONS.values()) <= set(ACTS)


def test_nothing_of_a_draft_enters(client, responsable):
    draft = make_demarche(state=DemarcheState.DRAFT, courante=False)
    make_role(demarche=draft, user=responsable, kind=RoleKind.RESPONSABLE)
    client.post(page_of(contribution := make_contribution(demarche=draft, state=S.WAITING)), {"to_state": "publiee"})
    assert Contribution.objects.get(pk=contribution.pk).state == S.PUBLISHED
    etape = make_etape(demarche=draft, starts_on=date(2026, 3, 7), ends_on=date(2026, 4, 19))
    url = reverse("admin:consultation_etape_change", args=[etape.pk])
    assert client.post(url, posted(client.get(url), ends_on="2026-04-26")).status_code == 302
    assert entered() == []


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_are_one_entry():
    demarche = make_demarche()
    pk = make_contribution(state=S.WAITING, demarche=demarche).pk
    users = [make_role(demarche=demarche).user for _ in range(2)]
    rows = [Contribution.objects.select_related("demarche").get(pk=pk) for _ in users]
    reason, start = make_reason(), Barrier(2)
    decisions = [{"to_state": S.PUBLISHED}, {"to_state": S.REFUSED, "reason": reason}]

    def decide(row, user, decision):
        start.wait()
        return change_state(row, by=user, **decision)

    tries = zip(rows, users, decisions, strict=True)
    results = at_once([lambda one=one: decide(*one) for one in tries])
    assert sorted(type(one).__name__ for one in results) == ["Decision", "StaleState"]
    assert len(entered()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_decision_that_breaks_at_its_last_write_is_neither_taken_nor_entered(monkeypatch):
    demarche = make_demarche()
    contribution = make_contribution(state=S.WAITING, demarche=demarche)

    def broken():
        raise RuntimeError("the last write of the transaction")

    monkeypatch.setattr("consultation.actions.contributions.bump", broken)
    with pytest.raises(RuntimeError):
        change_state(contribution, S.PUBLISHED, by=make_role(demarche=demarche).user)
    assert entered() == []
    assert not EntreeKey.objects.exists()
    assert Contribution.objects.get().state == S.WAITING


# Names and texts


def test_no_name_and_no_text_enters(client, responsable, demarche):
    contribution = make_contribution(
        state=S.WAITING,
        title="Canari du titre",
        body="Canari du texte",
        display="nom",
        author_name="Camille Canari",
        organisation="Canari SARL",
        personne=make_personne(email="canari@example.org"),
    )
    client.post(page_of(contribution), {"to_state": "publiee", "message": "Canari du message"})
    contribution.refresh_from_db()
    change_state(contribution, S.WITHDRAWN, by=responsable, reason=make_reason(explanation="Canari"), message="Canari")
    line = file_of()
    assert len(line.splitlines()) == 2
    seen = line + text_of(client.get("/registre/")) + str(list(Entree.objects.values()))
    for word in ("anari", responsable.email, responsable.display_name or "@"):
        assert word not in seen
    # The words are there all the same for who holds the key, until they are erased.
    key = EntreeKey.objects.select_related("entree").first()
    assert fingerprint_of("Canari du titre\n\nCanari du texte", bytes(key.secret)) == key.entree.fingerprint
    assert forget_text(contribution.reference) == 2


# Dates


def test_a_moved_etape_and_a_moved_rencontre_enter_with_both_dates_and_the_reason(client, responsable, demarche):
    etape = make_etape(title="Les ateliers", starts_on=date(2026, 3, 7), ends_on=date(2026, 4, 19))
    url = reverse("admin:consultation_etape_change", args=[etape.pk])
    moved = posted(client.get(url), ends_on="2026-04-26")
    client.post(url, moved)
    assert entered() == [], "without a reason nothing moves"
    client.post(url, moved | {"date_reason": "Salle inondée."})
    rencontre = make_rencontre(title="Le lancement")
    url = reverse("admin:consultation_rencontre_change", args=[rencontre.pk])
    client.post(url, posted(client.get(url), starts_at_0="2031-03-07", date_reason="Grève."))
    (etape_kind, etape_subject, role, facts), (kind, subject, _, others) = entered()
    assert (etape_kind, etape_subject, role) == ("etape.date", "etape:1", "responsable")
    assert facts == {
        "titre": "Les ateliers",
        "avant": "du 7 mars au 19 avril 2026",
        "apres": "du 7 mars au 26 avril 2026",
        "raison": "Salle inondée.",
    }
    assert (kind, subject, others["raison"]) == ("rencontre.date", f"rencontre:{rencontre.pk}", "Grève.")
    seal()
    page = client.get("/registre/").content.decode()
    assert "Nouvelle date : du 7 mars au 26 avril 2026" in text_of(client.get("/registre/"))
    for address in re.findall(r'class="row-title">\s*<a href="([^"]+)"', page):
        assert client.get(address).status_code == 200

"""The droit de regard: opened, told to every member, contested in writing, answered in public."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ateliers.models import Membre
from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, RoleKind
from consultation.models import Contribution
from forums.actions import regard
from forums.links import regard_path
from forums.models import DroitDeRegard, Objection
from socle.courriels.models import Envoi
from socle.registre.models import Entree
from tests.factories import (
    local,
    make_atelier,
    make_contribution,
    make_demarche,
    make_forum,
    make_membre,
    make_personne,
    make_production,
    make_reason,
    make_role,
    make_seance,
    make_superuser,
    make_user,
)
from tests.textes import answered, make_texte, passage

pytestmark = pytest.mark.django_db
WORDS = "Le groupe demandait des trains, pas des cars."


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def group():
    """A group with three productions: cited in a draft, answered, forgotten; its forum is in ten days."""
    seance = make_seance(make_atelier(town="Dunkerque"), starts_at=local(-9))
    made = [
        make_production(seance, title=title, body="Des trains le soir, chaque jour.", submitted_at=local(-8))
        for title in ("Citée", "Répondue", "Oubliée")
    ]
    texte = make_texte()
    passage(texte, made[0].contribution, quote="trains le soir", title="Des cars", text="Il est proposé des cars.")
    answered(texte, made[1].contribution)
    return make_forum(starts_at=local(10)), texte, made


def opened(forum, texte, days=5):
    return regard.open_regard(forum, texte.draft, days, make_superuser())


def about(texte, production):
    """As the form names it: a production, and the passage that takes it up."""
    return f"{production.pk}-{texte.draft.passages.get().key}"


def objected(membre, droit, production, body=WORDS):
    return regard.object_to(membre, droit, production=production, passage=None, body=body, key=uuid4())


def test_the_team_opens_it_and_every_member_is_written_to_once(client, group):
    forum, texte, made = group
    atelier, other = made[0].seance.atelier, make_atelier(town="Béthune")
    both = make_personne()
    make_membre(atelier=atelier, personne=both)
    make_membre(atelier=other, personne=both)
    one = make_membre(atelier=other).personne
    unproved = make_membre(atelier=atelier, personne=make_personne(confirmed_at=None))
    make_membre(atelier=atelier, left_at=timezone.now())
    make_membre(atelier=make_atelier(demarche=make_demarche(courante=False)))
    client.force_login(make_role(kind=RoleKind.REDACTEUR).user)
    page = reverse("admin:forums_forum_regard", args=[forum.pk])
    late = client.post(page, {"version": texte.draft.pk, "days": 30})
    assert late.status_code == 409
    assert "la veille au plus tard" in late.content.decode()
    assert client.post(page, {"version": texte.draft.pk, "days": 9}).status_code == 302
    assert DroitDeRegard.objects.get().closes_at == local(10)
    assert regard.tell_due() == 2
    assert regard.tell_due() == 0
    mails = Envoi.objects.filter(dedupe_key__startswith="regard:")
    assert sorted(mails.values_list("to", flat=True)) == sorted([both.email, one.email])
    grouped = mails.get(to=both.email)
    assert "Dunkerque" in grouped.body_text
    assert "Béthune" in grouped.body_text
    assert "1 n’a pas confirmé" in " ".join(client.get(page).content.decode().split())

    unproved.personne.confirmed_at = timezone.now()
    unproved.personne.save()
    make_membre(atelier=other)
    assert regard.tell_due() == 2  # nobody is forgotten: who proves an address, who joins since
    assert Entree.objects.filter(kind="regard.ouvert").exists()
    assert client.post(page, {"last_day": str(timezone.localdate() + timedelta(days=3))}).status_code == 409


def test_a_member_reads_contests_and_is_answered_in_public(client, group, django_assert_max_num_queries):
    forum, texte, (cited, _, forgotten) = group
    droit = opened(forum, texte)
    membre = make_membre(atelier=cited.seance.atelier, name="Odile Vasseur")
    make_membre(atelier=make_atelier(town="Somain"), personne=membre.personne)
    link = regard_path(droit, membre)
    shown = client.get(link).content.decode()
    for words in (
        "Reprend au passage",
        "trains le soir",
        "Il est proposé des cars.",
        "n’a pas cette compétence",
        "Somain",
    ):
        assert words in shown
    assert "Aucun passage ne la reprend" in shown
    key = str(uuid4())
    where = about(texte, cited)
    assert client.post(link, {"about": "999", "body": WORDS, "submission_key": key}).status_code == 422
    for _ in range(2):  # twice is once
        assert client.post(link, {"about": where, "body": WORDS, "submission_key": key}).status_code == 303
    row = Objection.objects.select_related("contribution").get()
    assert (row.contribution.parent_id, row.passage.title) == (cited.pk, "Des cars")
    assert (row.contribution.state, row.contribution.signature) == (ContributionState.WAITING, "Anonyme")

    public = reverse("regard", args=[forum.pk])
    assert WORDS not in client.get(public).content.decode()
    staff = make_role(kind=RoleKind.RESPONSABLE).user
    team = Client()
    team.force_login(staff)
    answer = reverse("admin:forums_forum_objection", args=[forum.pk, row.pk])
    assert team.post(answer, {"words": "Non.", "seal": ""}).status_code == 409  # it waits for its moderation
    change_state(row.contribution, ContributionState.PUBLISHED, by=staff)
    pressing = team.get(reverse("admin:index")).content.decode()
    assert "1 objection d’un groupe à répondre" in pressing
    told = {"words": "Le passage dira des trains.", "seal": ""}
    assert team.post(answer, told).status_code == 302
    assert team.post(answer, {"words": "Autre chose.", "seal": ""}).status_code == 409
    assert "objection d’un groupe" not in team.get(reverse("admin:index")).content.decode()

    with django_assert_max_num_queries(8):
        page = client.get(public).content.decode()
    for words in (WORDS, "Le passage dira des trains."):
        assert words in page
    assert "Vasseur" not in page
    mail = Envoi.objects.get(dedupe_key__startswith="objection:")
    assert mail.to == membre.personne.email
    assert Entree.objects.filter(kind="objection.reponse").exists()
    steps = client.get(cited.contribution.get_absolute_url()).content.decode()
    for words in ("Un membre du groupe conteste ce qu’un texte fait d’elle", "Cette objection a sa réponse"):
        assert f'#objection-{row.pk}">{words}' in steps

    refusal = objected(membre, droit, forgotten, "Des injures.")
    change_state(refusal, ContributionState.REFUSED, by=staff, reason=make_reason())
    other = reverse("admin:forums_forum_objection", args=[forum.pk, refusal.pk])
    assert team.post(other, {"words": "La production sera reprise.", "seal": ""}).status_code == 302
    page = client.get(public).content.decode()
    assert "La production sera reprise." in page  # answered all the same
    assert "Des injures" not in page


def test_the_page_of_a_member_opens_by_link_or_account_and_for_nobody_else(client, group):
    forum, texte, (cited, *_) = group
    droit = opened(forum, texte)
    personne = make_personne()
    membre = make_membre(atelier=cited.seance.atelier, personne=personne)
    mine = reverse("regard_mine", args=[forum.pk])
    assert client.get(regard_path(droit, membre)[:-4] + "aaa/").status_code == 404
    client.force_login(make_user(personne=make_personne()))
    assert client.get(mine).status_code == 404
    client.force_login(make_user(personne=personne))
    assert client.get(mine).url == regard_path(droit, membre)

    Membre.objects.filter(pk=membre.pk).update(left_at=timezone.now())
    left = client.post(regard_path(droit, membre), {"about": about(texte, cited), "body": WORDS})
    assert left.status_code == 409
    for words in ("vous ne faites plus partie de ce groupe", WORDS):
        assert words in left.content.decode()
    assert not Objection.objects.exists()


def test_the_window_closes_and_what_must_never_be_false_is_refused_by_the_database(client, group, monkeypatch):
    forum, texte, (cited, *_) = group
    droit = opened(forum, texte)
    membre = make_membre(atelier=cited.seance.atelier)
    stranger = make_membre(atelier=make_atelier())
    row = objected(membre, droit, cited)
    regard_row = Objection.objects.get(pk=row.pk)
    late = make_contribution(parent=cited.contribution, stance="contre", submitted_at=droit.closes_at)
    said = make_contribution(parent=cited.contribution, stance="contre")
    broken = (
        ("droit_de_regard_stays", "UPDATE forums_droitderegard SET closes_at = closes_at - interval '1 day'"),
        ("objection_of_its_group", _insert(late, droit, membre)),
        ("objection_of_its_group", _insert(said, droit, stranger)),
        ("objection_answered_whole", f"UPDATE forums_objection SET answer = 'Non.' WHERE contribution_id = {row.pk}"),
    )
    for guard, sql in broken:
        with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        assert refused.value.__cause__.diag.constraint_name == guard
    change_state(row, ContributionState.PUBLISHED, by=make_superuser())
    regard.answer(regard_row, words="Vu.", seal="", by=make_superuser())
    taken_back = {"answer": "", "answered_at": None, "answered_by": None}
    with pytest.raises(IntegrityError, match="se corrige"), transaction.atomic():
        Objection.objects.filter(pk=row.pk).update(**taken_back)

    with connection.cursor() as cursor:  # as if the days had passed
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE forums_droitderegard DISABLE TRIGGER droit_de_regard_stays")
        cursor.execute("UPDATE forums_droitderegard SET opened_at = now() - interval '9 days', closes_at = now()")
        cursor.execute("ALTER TABLE forums_droitderegard ENABLE TRIGGER droit_de_regard_stays")
    for at_that_moment in (False, True):  # it closed before, or while it was being sent
        if at_that_moment:
            monkeypatch.setattr(DroitDeRegard, "is_open", lambda _: True)
        shut = client.post(regard_path(droit, membre), {"about": about(texte, cited), "body": "Trop tard."})
        assert shut.status_code == 409
        for words in ("le délai pour contester est passé", "Trop tard."):
            assert words in shut.content.decode()
        assert not Contribution.objects.filter(body="Trop tard.").exists()


def _insert(contribution, droit, membre):
    return (
        "INSERT INTO forums_objection (contribution_id, droit_id, membre_id, answer)"
        f" VALUES ({contribution.pk}, {droit.pk}, {membre.pk}, '')"
    )

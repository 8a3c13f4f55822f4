"""The droit de regard: opened, told to every member, contested in writing, answered in public."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ateliers.actions import composition
from ateliers.models import Membre
from ateliers.refusals import Refusal
from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, RoleKind, TexteKind
from consultation.models import Contribution, Rencontre
from consultation.textes import REGLES
from forums.actions import regard
from forums.links import regard_path
from forums.models import AnnonceRegard, DroitDeRegard, Objection
from socle.courriels.models import Envoi
from socle.dates import day_label
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
from tests.leaving import leave
from tests.test_places import at_once
from tests.test_textes_hold import refused
from tests.test_textes_written import read
from tests.textes import answered, make_texte, passage, withdrawn

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
    Rencontre.objects.filter(pk=forum.pk).update(state="brouillon")
    unseen = client.post(page, {"version": texte.draft.pk, "days": 9})
    assert "pas encore annoncé" in unseen.content.decode()
    Rencontre.objects.filter(pk=forum.pk).update(state="publiee")
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
    second = make_membre(atelier=atelier, personne=one)
    assert regard.tell_due() == 3  # nobody is forgotten: who proves an address, who joins since, or one group more
    assert regard.tell_due() == 0
    of_second = mails.filter(to=one.email).latest("pk").body_text
    assert regard_path(DroitDeRegard.objects.get(), second) in of_second
    assert "Béthune" not in of_second
    assert Entree.objects.filter(kind="regard.ouvert").exists()
    assert client.post(page, {"last_day": str(timezone.localdate() + timedelta(days=3))}).status_code == 409


def test_a_droit_de_regard_made_longer_is_told_to_every_member_again(client, group):
    forum, texte, made = group
    make_membre(atelier=made[0].seance.atelier)
    droit = opened(forum, texte)
    assert regard.tell_due() == 1
    first = Envoi.objects.get(dedupe_key__startswith="regard:")
    assert "prolongé" not in first.body_text
    client.force_login(make_role(kind=RoleKind.REDACTEUR).user)
    page = reverse("admin:forums_forum_regard", args=[forum.pk])
    assert client.post(page, {"last_day": str(timezone.localdate() + timedelta(days=8))}).status_code == 302
    assert (regard.tell_due(), regard.tell_due()) == (1, 0)
    first.refresh_from_db()
    assert first.state == "annule"  # it had not left: it gave the day of before
    second = Envoi.objects.exclude(pk=first.pk).get(dedupe_key__startswith="regard:")
    words = " ".join(second.body_text.split())
    assert f"{day_label(droit.last_day + timedelta(days=3))} inclus : ce délai a été prolongé" in words
    assert Entree.objects.filter(kind="regard.prolonge").exists()


def test_a_member_reads_contests_and_is_answered_in_public(client, group, django_assert_max_num_queries):
    forum, texte, (cited, *_) = group
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
    assert REGLES[TexteKind.RAPPORT].no_passage == "aucune orientation"
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


@pytest.mark.parametrize("fate", ["refused", "taken down", "taken back"])
def test_an_objection_is_answered_whatever_the_team_does_of_its_text(client, group, fate):
    """What its author took back is owed nothing; what the team does not show, or shows no more, is."""
    forum, texte, (_, _, forgotten) = group
    droit = opened(forum, texte)
    staff = make_role(kind=RoleKind.RESPONSABLE).user
    row = objected(make_membre(atelier=forgotten.seance.atelier), droit, forgotten, "Des injures.")
    if fate == "refused":
        change_state(row, ContributionState.REFUSED, by=staff, reason=make_reason())
    else:
        change_state(row, ContributionState.PUBLISHED, by=staff)
        withdrawn(row, by_author=fate == "taken back")
    team, public = Client(), reverse("regard", args=[forum.pk])
    team.force_login(staff)
    page = reverse("admin:forums_forum_objection", args=[forum.pk, row.pk])
    if fate == "taken back":
        assert team.post(page, {"words": "Vu.", "seal": ""}).status_code == 409
        assert "aucune réponse n’est due" in team.get(page).content.decode()
        assert Objection.objects.owed().count() == 0
        return
    assert Objection.objects.owed().count() == 1
    assert ("réponse à venir" in client.get(public).content.decode()) == (fate == "taken down")
    assert team.post(page, {"words": "La production sera reprise.", "seal": ""}).status_code == 302
    shown = client.get(public).content.decode()
    assert "La production sera reprise." in shown
    assert "Des injures" not in shown


@pytest.mark.parametrize("with_texts", [False, True])
def test_who_leaves_the_portal_keeps_their_objection_without_their_name_and_its_answer(client, group, with_texts):
    forum, texte, (cited, _, forgotten) = group
    droit = opened(forum, texte)
    membre = make_membre(atelier=cited.seance.atelier, name="Odile Vasseur")
    regard.tell_due()
    staff = make_role(kind=RoleKind.RESPONSABLE).user
    rows = [objected(membre, droit, production) for production in (cited, forgotten)]
    for row in rows:
        change_state(row, ContributionState.PUBLISHED, by=staff)
    answering = Objection.objects.get(pk=rows[0].pk)
    regard.answer(answering, words="Le passage dira des trains.", seal="", by=staff)
    link = regard_path(droit, membre)
    leave(membre.personne, with_texts=with_texts)
    shown = client.get(reverse("regard", args=[forum.pk])).content.decode()
    assert "Le passage dira des trains." in shown
    assert shown.count(WORDS) == (0 if with_texts else 2)
    # What was never answered is answered still, to nobody in particular; what went with its author is owed none.
    assert Objection.objects.owed().count() == (0 if with_texts else 1)
    assert Objection.objects.filter(membre=None).count() == 2
    assert not AnnonceRegard.objects.exists()
    assert client.get(link).status_code == 404
    if not with_texts:
        team = Client()
        team.force_login(staff)
        page = reverse("admin:forums_forum_objection", args=[forum.pk, rows[1].pk])
        told = team.post(page, {"words": "Nous le dirons.", "seal": ""}, follow=True).content.decode()
        assert "La réponse est publique." in told


def test_two_redacteurs_at_once_on_one_answer_lose_nothing_and_are_told(transactional_db, group):
    forum, texte, (cited, *_) = group
    droit = opened(forum, texte)
    row = objected(make_membre(atelier=cited.seance.atelier), droit, cited)
    change_state(row, ContributionState.PUBLISHED, by=make_superuser())
    page = reverse("admin:forums_forum_objection", args=[forum.pk, row.pk])
    words = ["Le passage dira des trains, le soir.", "Le passage dira des trains, la nuit."]

    def writing(said):
        team = Client()
        team.force_login(make_role(kind=RoleKind.REDACTEUR).user)
        return lambda: team.post(page, {"words": said, "seal": ""})

    answers = at_once([writing(said) for said in words])
    (kept,), (late,) = ([one for one in answers if one.status_code == status] for status in (302, 409))
    first, second = words[answers.index(kept)], words[answers.index(late)]
    assert Objection.objects.get().answer == first
    assert f"{second}</textarea>" in late.content.decode()  # not lost
    for said in ("quelqu’un d’autre a écrit cette réponse", f"[retiré : {first[-8:]}]", f"[ajouté : {second[-8:]}]"):
        assert said in read(late)
    assert Envoi.objects.filter(dedupe_key__startswith="objection:").count() == 1
    assert Entree.objects.filter(kind="objection.reponse").count() == 1


def test_two_sweeps_at_once_tell_each_member_of_each_group_once(transactional_db, group):
    forum, texte, made = group
    opened(forum, texte)
    people = [make_personne() for _ in range(12)]
    for atelier in (made[0].seance.atelier, make_atelier(town="Béthune")):
        for personne in people:
            make_membre(atelier=atelier, personne=personne)
    written = at_once([regard.tell_due] * 4)
    assert sum([*written, regard.tell_due()]) == 12  # none of them fails either
    assert Envoi.objects.filter(dedupe_key__startswith="regard:").count() == 12
    assert AnnonceRegard.objects.count() == 24


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


def test_who_leaves_the_group_while_objecting_comes_before_or_is_refused_in_words(transactional_db, client, group):
    """What was said before stays said, and is answered; nothing more is said in the name of the group."""
    forum, texte, (cited, _, forgotten) = group
    droit = opened(forum, texte)
    membre = make_membre(atelier=cited.seance.atelier)
    kept = objected(membre, droit, cited)
    late = make_contribution(parent=cited.contribution, stance="contre")
    refusals = []

    def leaving_first():
        """As whoever has read the page before they left, in another window."""
        try:
            objected(Membre.objects.select_related("personne").get(pk=membre.pk), droit, forgotten, "Trop tard.")
        except Refusal as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    stale = Membre.objects.select_related("personne").get(pk=membre.pk)
    with transaction.atomic():
        composition.leave(Membre.objects.select_related("atelier__demarche", "personne").get(pk=membre.pk))
        other = threading.Thread(target=leaving_first)
        other.start()
        other.join(0.5)
        assert other.is_alive()  # their row is held
    other.join()
    with pytest.raises(Refusal, match="vous ne faites plus partie"):
        objected(stale, droit, forgotten, "Trop tard.")
    assert refusals
    assert "vous ne faites plus partie" in refusals[0]
    assert not Contribution.objects.filter(body="Trop tard.").exists()
    refused(_insert(late, droit, membre), by="objection_of_its_group")
    change_state(kept, ContributionState.PUBLISHED, by=make_superuser())
    regard.answer(Objection.objects.get(pk=kept.pk), words="Vu.", seal="", by=make_superuser())
    assert "Vu." in client.get(regard_path(droit, membre)).content.decode()  # read still, by their link


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

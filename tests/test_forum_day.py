"""A forum: its programme, what each group gives back, the remarks made in the room and online, and what must hold."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone

from ateliers.models import Membre
from consultation.actions.contributions import change_state
from consultation.actions.inscriptions import register
from consultation.choices import ContributionState, Origine, RoleKind, TexteKind
from consultation.models import Citation, Contribution, Rappel, Rencontre
from consultation.templatetags.prose import typo
from forums.actions.interventions import About, say_online
from forums.links import scribe_path
from forums.models import Forum, Intervention, Moment
from forums.views.pages import until
from participons.boundaries import next_boundary
from socle.dates import day_label
from tests.factories import (
    local,
    make_atelier,
    make_contribution,
    make_forum,
    make_membre,
    make_personne,
    make_production,
    make_role,
    make_seance,
    make_superuser,
    make_theme,
)
from tests.leaving import leave
from tests.textes import make_texte, passage, published, said, withdrawn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def groups():
    """Two groups with a production each; the first has a minority one, that cites an online contribution, too."""
    ateliers = [make_atelier(town=town, themes=[make_theme()]) for town in ("Dunkerque", "Béthune")]
    seances = [make_seance(atelier, starts_at=local(-5)) for atelier in ateliers]
    made = [make_production(seance, title=f"Dire {seance.atelier.town}") for seance in seances]
    made.append(make_production(seances[0], title="Dire autrement", minority=True))
    return ateliers, made


@pytest.fixture
def forum(groups):
    """Held today: the doors of the scribes are open, as is the window online."""
    return make_forum(edition=2, periodicity="biennal", starts_at=local(), **window())


def window(begins=-1, ends=1):
    now = timezone.now()
    return {"remarks_open_at": now + timedelta(days=begins), "remarks_close_at": now + timedelta(days=ends)}


def posted_programme(forum, moments):
    rows = {
        "edition": 2,
        "periodicity": "biennal",
        "purpose": "",
        "texte": "",
        "remarks_open_at_0": "",
        "remarks_open_at_1": "",
        "remarks_close_at_0": "",
        "remarks_close_at_1": "",
        "moments-TOTAL_FORMS": len(moments),
        "moments-INITIAL_FORMS": 0,
    }
    for number, moment in enumerate(moments):
        for name in ("id", "at", "title", "text", "atelier"):
            rows[f"moments-{number}-{name}"] = moment.get(name, "")
        rows[f"moments-{number}-forum"] = forum.pk
        rows[f"moments-{number}-rank"] = number + 1
        rows[f"moments-{number}-kind"] = moment["kind"]
    return rows


def test_the_programme_is_written_by_the_team_read_by_all_and_linked_both_ways(
    client, groups, django_assert_max_num_queries
):
    (first, second), (mine, theirs, minority) = groups
    forum = make_forum(edition=2, starts_at=local())
    cited = make_contribution(title="Un train le soir")
    Citation.objects.create(citing=minority.contribution, cited=cited)
    personne = make_personne()
    member = make_membre(atelier=first, personne=personne, name="Odile Vasseur")
    client.force_login(make_role(kind=RoleKind.RESPONSABLE).user)
    page = reverse("admin:forums_forum_change", args=[forum.pk])
    moments = [
        {"kind": "accueil", "at": "09:00"},
        {"kind": "restitution", "at": "09:30", "atelier": first.pk},
        {"kind": "restitution", "atelier": second.pk},
        {"kind": "debat", "title": "Le débat de la salle"},
    ]
    wrong = client.post(page, posted_programme(forum, [{"kind": "restitution"}]))
    assert "Une restitution est celle d’un atelier" in wrong.content.decode()
    assert client.post(page, posted_programme(forum, moments)).status_code == 302
    restitution = Moment.objects.get(atelier=first)
    other = Moment.objects.get(atelier=second)

    bring = reverse("admin:forums_forum_restitutions", args=[forum.pk])
    assert "Odile Vasseur" in client.get(bring).content.decode()
    said = {
        f"m{restitution.pk}-rapporteur": "Odile V.",
        f"m{restitution.pk}-membre": member.pk,
        f"m{restitution.pk}-productions": [mine.pk, minority.pk],
        f"m{other.pk}-productions": [theirs.pk],
        **{f"m{one.pk}-seal": one.seal for one in (restitution, other)},
    }
    refused = client.post(bring, said | {f"m{other.pk}-productions": [mine.pk]})
    assert refused.status_code == 422
    assert not other.productions.exists()
    assert client.post(bring, said).status_code == 302
    client.logout()

    client.force_login(make_role(kind=RoleKind.RESPONSABLE).user)
    moved = posted_programme(forum, [{"id": restitution.pk, "kind": "restitution", "atelier": second.pk}])
    kept = client.post(page, moved | {"moments-INITIAL_FORMS": 1})
    assert "ôtez-les d’abord" in kept.content.decode()
    client.logout()

    with django_assert_max_num_queries(8):
        day = client.get(forum.get_absolute_url()).content.decode()
    order = [
        "9\u00a0h",
        "9\u00a0h\u00a030",
        "Odile V.",
        "2 productions",
        "horaire à préciser</span>",
        "Le débat de la salle",
    ]
    assert [day.index(words) for words in order] == sorted(day.index(words) for words in order)
    with django_assert_max_num_queries(8):
        brought = client.get(restitution.get_absolute_url()).content.decode()
    assert "Dire Dunkerque" in brought
    assert "point de vue minoritaire" in brought
    assert "Dire Béthune" not in brought
    told = client.get(mine.contribution.get_absolute_url()).content.decode()
    assert "Elle est restituée au forum" in told
    assert restitution.get_absolute_url() in told
    assert "Par là, elle est restituée au forum" in client.get(cited.get_absolute_url()).content.decode()

    withdrawn(mine.contribution)
    assert "Dire Dunkerque" not in client.get(restitution.get_absolute_url()).content.decode()
    day = client.get(forum.get_absolute_url()).content.decode()
    assert day.count("1 production") == 2  # what is not public any more is not counted


def test_two_responsables_at_once_on_the_restitutions_lose_nothing_and_are_told(client, groups):
    (first, second), (mine, theirs, _) = groups
    forum = make_forum(starts_at=local(9))
    moments = [
        Moment.objects.create(forum=forum, rank=atelier.rank, kind="restitution", atelier=atelier)
        for atelier in (first, second)
    ]
    member = make_membre(atelier=first, name="Odile Vasseur")
    client.force_login(make_role(kind=RoleKind.RESPONSABLE).user)
    page = reverse("admin:forums_forum_restitutions", args=[forum.pk])
    read = {f"m{one.pk}-seal": one.seal for one in moments}
    hers = {f"m{moments[0].pk}-rapporteur": "Odile V.", f"m{moments[0].pk}-membre": member.pk}
    assert client.post(page, read | hers | {f"m{moments[0].pk}-productions": [mine.pk]}).status_code == 302
    his = {f"m{moments[1].pk}-rapporteur": "Karim B.", f"m{moments[1].pk}-productions": [theirs.pk]}
    late = client.post(page, read | his)
    assert late.status_code == 409
    for words in ("quelqu’un d’autre vient de changer", f"Odile V., {mine.contribution.reference}", "Karim B."):
        assert words in late.content.decode()
    assert not Moment.objects.filter(rapporteur="Karim B.").exists()
    fresh = {f"m{one.pk}-seal": Moment.objects.get(pk=one.pk).seal for one in moments}
    assert all(seal in late.content.decode() for seal in fresh.values())
    # Who speaks for a group has left it since: the link stays, so that their name goes with their data.
    Membre.objects.filter(pk=member.pk).update(left_at=timezone.now())
    assert client.post(page, fresh | hers | his).status_code == 302
    assert Moment.objects.get(pk=moments[0].pk).membre == member


def test_one_registers_for_a_forum_as_for_any_rencontre(client):
    """The place, the line, the calendar, the reminder, the sheet, the door; and what is told once it is cancelled."""
    forum = make_forum(capacity=1, starts_at=local(2, 9))
    page = forum.get_absolute_url()
    assert reverse("rencontre_inscription", args=[forum.pk]) in client.get(page).content.decode()
    inscription, waiting = (register(make_personne(), forum.pk) for _ in range(2))
    assert (inscription.is_confirmed, waiting.is_confirmed) == (True, False)
    assert "S’inscrire sur la liste d’attente" in client.get(page).content.decode()
    assert b"BEGIN:VEVENT" in client.get(reverse("rencontre_ics", args=[forum.pk])).content
    due = Rappel.objects.due(at=local(1, 20))
    assert {row.inscription_id for row in due} == {inscription.pk}
    client.force_login(make_role(kind=RoleKind.RESPONSABLE).user)
    door = client.get(reverse("admin:consultation_rencontre_arrivees", args=[forum.pk]))
    assert inscription.code in door.content.decode()
    Rencontre.objects.filter(pk=forum.pk).update(state="annulee", cancel_reason="La salle est inondée.")
    client.logout()
    shown = client.get(page).content.decode()
    assert "La salle est inondée." in shown
    assert reverse("rencontre_inscription", args=[forum.pk]) not in shown


def test_what_is_said_in_the_room_is_a_contribution_read_before_it_appears(client, groups, forum):
    _, (mine, *_) = groups
    texte = make_texte(kind=TexteKind.RAPPORT)
    passage(texte, said(title="Source"), title="Des trains")
    published(texte, final=False)
    Forum.objects.filter(pk=forum.pk).update(texte=texte)
    staff = make_role(kind=RoleKind.MODERATEUR).user
    client.force_login(staff)
    page = reverse("admin:forums_forum_remarques", args=[forum.pk])
    client.post(page, {"geste": "ouvrir"})
    forum.refresh_from_db()
    link = scribe_path(forum)
    assert link in client.get(page).content.decode()
    client.logout()

    typed = {
        "reference": mine.contribution.reference,
        "stance": "contre",
        "body": "Trop loin de chez nous.",
        "table": "3",
    }
    key = {"submission_key": str(uuid4())}
    assert client.post(link, typed | key | {"reference": "X"}).status_code == 422
    assert client.post(link, typed | key).status_code == 303
    assert client.post(link, typed | key).status_code == 303  # twice is once
    room = Contribution.objects.get(body="Trop loin de chez nous.")
    assert (room.origine, room.rencontre_id, room.parent_id) == (Origine.FORUM, forum.pk, mine.pk)
    assert (room.state, room.personne, room.stance) == (ContributionState.WAITING, None, "contre")
    assert "Forum d’essai" in room.place_label
    about = {"reference": "", "passage": "1", "body": "Et les bus ?", "stance": "pour", "submission_key": str(uuid4())}
    assert client.post(link, about).status_code == 303
    on_passage = Intervention.objects.get(contribution__body="Et les bus ?")
    assert on_passage.passage.title == "Des trains"

    listed = reverse("forum_remarques", args=[forum.pk])
    assert "Trop loin" not in client.get(listed).content.decode()
    for row in (room, on_passage.contribution):
        change_state(row, ContributionState.PUBLISHED, by=staff)
    shown = client.get(listed).content.decode()
    assert "Trop loin de chez nous." in shown
    assert "l’orientation 1, «&nbsp;Des trains&nbsp;»" in shown
    own = client.get(on_passage.contribution.get_absolute_url()).content.decode()
    assert "Des trains" in own
    assert "Trop loin" in client.get(mine.contribution.get_absolute_url()).content.decode()

    client.force_login(staff)
    client.post(page, {"geste": "ouvrir"})
    client.logout()
    assert client.get(link).status_code == 404  # the link before opens nothing any more
    forum.refresh_from_db()
    forum.rencontre.starts_at = local(9)
    forum.rencontre.save()
    shut = client.post(scribe_path(forum), typed | {"submission_key": str(uuid4())})
    assert shut.status_code == 409
    assert "Trop loin" in shut.content.decode()  # given back


def test_one_writes_online_while_the_window_is_open(client, groups, forum):
    _, (mine, *_) = groups
    page = reverse("remarque_production", args=[forum.pk, mine.contribution.reference])
    typed = {
        "stance": "pour",
        "body": "Très bien, et le soir ?",
        "display": "anonyme",
        "speaks_as": "personnel",
        "college": "",
        "email": "",
        "submission_key": str(uuid4()),
    }
    assert client.get(page).status_code == 200
    assert client.post(page, typed | {"stance": ""}).status_code == 422
    assert client.post(page, typed).status_code == 303
    row = Contribution.objects.get(body=typed["body"])
    assert (row.origine, row.rencontre_id, row.parent_id) == (Origine.ONLINE, forum.pk, mine.pk)
    assert row.tracking_hash
    assert Intervention.objects.filter(pk=row.pk, forum=forum).exists()

    withdrawn(mine.contribution)  # while it was being written
    gone = client.post(page, typed | {"submission_key": str(uuid4()), "body": "Perdue ?"})
    assert gone.status_code == 409
    for words in ("n’est plus publié", "Perdue ?"):
        assert words in gone.content.decode()
    assert client.get(page).status_code == 404
    change_state(row, ContributionState.PUBLISHED, by=make_superuser())
    listed = client.get(reverse("forum_remarques", args=[forum.pk])).content.decode()
    assert f"Sur la production {mine.contribution.reference}, retirée depuis" in listed
    assert "Dire Dunkerque" not in listed
    mine.contribution.refresh_from_db()
    change_state(mine.contribution, ContributionState.PUBLISHED, by=make_superuser())

    Forum.objects.filter(pk=forum.pk).update(**window(-2, -1))
    late = client.post(page, typed | {"submission_key": str(uuid4()), "body": "Trop tard ?"})
    assert late.status_code == 409
    assert "Trop tard ?" in late.content.decode()
    assert not Contribution.objects.filter(body="Trop tard ?").exists()
    assert client.post(page, typed).status_code == 303  # the same form again leads to its receipt


def test_a_window_opens_and_closes_at_its_instants_on_every_page(client, groups, monkeypatch):
    """Announced before; the opening instant is open, the closing one is closed; no page is kept beyond either."""
    opens, closes = local(3, 14), local(6)
    forum = make_forum(starts_at=local(5), remarks_open_at=opens, remarks_close_at=closes)
    tick = timedelta(microseconds=1)
    at = (opens - tick, opens, closes - tick, closes)
    assert [forum.takes_remarks(one) for one in at] == [False, True, True, False]
    assert [forum.takes_remarks_later(one) for one in at] == [True, False, False, False]
    ended = Forum.objects.select_related("rencontre__demarche").get()
    ended.rencontre.demarche.state = "archivee"
    assert not ended.takes_remarks(opens)
    pages = [forum.get_absolute_url(), reverse("forum_remarques", args=[forum.pk])]
    for page in pages:
        shown = client.get(page).content.decode()
        assert typo(f"à partir du {day_label(opens.date())}, à 14 h") in shown
        assert typo(f"jusqu’au {day_label(local(5).date())} inclus") in shown
    seen = groups[1][0].contribution.reference
    early = client.post(reverse("remarque_production", args=[forum.pk, seen]), {"body": "Trop tôt ?"})
    assert early.status_code == 409
    for words in ("seront ouvertes à partir du", "Trop tôt ?"):
        assert words in early.content.decode()
    soon = timezone.now() + timedelta(seconds=20)
    Forum.objects.filter(pk=forum.pk).update(remarks_open_at=soon)
    request = RequestFactory().get(pages[0])
    request.resolver_match = resolve(pages[0])
    assert until(request) == soon
    assert next_boundary() == soon  # the page of a passage, that of the rencontre


@pytest.mark.parametrize("with_texts", [False, True])
def test_who_leaves_the_portal_leaves_their_remark_without_their_name_or_without_its_words(
    client, groups, forum, with_texts
):
    _, (mine, *_) = groups
    author = make_personne()
    words = {"display": "nom", "author_name": "Odile Vasseur", "body": "Et le soir, alors."}
    about = About(production=mine)
    said = say_online(forum, about, key=uuid4(), email=author.email, signed_in=author, stance="pour", **words)
    change_state(said, ContributionState.PUBLISHED, by=make_superuser())
    assert "1 remarque publiée" in client.get(forum.get_absolute_url()).content.decode()
    leave(author, with_texts=with_texts)
    assert ("1 remarque publiée" in client.get(forum.get_absolute_url()).content.decode()) != with_texts
    shown = client.get(reverse("forum_remarques", args=[forum.pk])).content.decode()
    assert ("Et le soir, alors." in shown) != with_texts
    own = client.get(said.get_absolute_url())
    assert own.status_code == (410 if with_texts else 200)
    for page in (shown, own.content.decode()):
        assert "Vasseur" not in page
    assert Intervention.objects.filter(pk=said.pk).exists()


def test_a_forum_without_an_hour_then_over_says_what_is_known_and_promises_nothing(client, groups):
    (first, _), _ = groups
    forum = make_forum(starts_at=local(9), precision="jour")
    Moment.objects.create(forum=forum, rank=1, kind="restitution", atelier=first)
    ahead = client.get(forum.get_absolute_url()).content.decode()
    for words in ("horaire à préciser", "rapporteur à désigner", "Ce qui s’y dira"):
        assert words in ahead
    assert "Voici les thèmes" in client.get(reverse("croisements", args=[forum.pk])).content.decode()
    Rencontre.objects.filter(pk=forum.pk).update(starts_at=local(-9))
    over = client.get(forum.get_absolute_url()).content.decode()
    for words in ("à préciser", "à désigner", "s’y dira"):
        assert words not in over


BROKEN = {
    "moment_brings_its_group": (
        "INSERT INTO forums_moment_productions (moment_id, production_id) VALUES (%(moment)s, %(theirs)s)",
        "UPDATE forums_moment SET atelier_id = %(atelier)s WHERE id = %(moment)s",
    ),
    "intervention_of_its_forum": (
        "INSERT INTO forums_intervention (contribution_id, forum_id) VALUES (%(elsewhere)s, %(forum)s)",
    ),
    "said_at_forum_stays": ("UPDATE consultation_contribution SET rencontre_id = NULL WHERE id = %(remark)s",),
}


@pytest.mark.parametrize("guard", BROKEN)
def test_what_must_never_be_false_of_a_forum_is_refused_by_the_database(groups, forum, guard):
    (_, second), (mine, theirs, _) = groups
    moment = Moment.objects.create(forum=forum, rank=1, kind="restitution", atelier=mine.seance.atelier)
    moment.productions.add(mine)
    remark = make_contribution(rencontre=forum.rencontre, origine="forum", parent=mine.contribution, stance="pour")
    Intervention.objects.create(contribution=remark, forum=forum)
    keys = {
        "moment": moment.pk,
        "theirs": theirs.pk,
        "atelier": second.pk,
        "forum": forum.pk,
        "remark": remark.pk,
        "elsewhere": make_contribution(parent=mine.contribution, stance="pour").pk,
    }
    for sql in BROKEN[guard]:
        with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, keys)
        assert refused.value.__cause__.diag.constraint_name == guard

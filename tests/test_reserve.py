"""A période de réserve: what it holds back, from which instant to which, and who answers for what is said meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from consultation import tasks
from consultation.actions import digests
from consultation.actions.reserve import HeldBack, confirm_actualite, held_by, set_reserve
from consultation.choices import RoleKind
from consultation.choices_adoption import SuiteState
from consultation.models import Abonnement, Actualite, Reserve
from socle.comptes.models import Rhythm
from socle.courriels.models import Envoi
from socle.registre.models import Entree
from tests.adopting import announced, make_policy
from tests.factories import (
    local,
    make_abonnement,
    make_actualite,
    make_demarche,
    make_personne,
    make_role,
    make_superuser,
)
from tests.test_admin_demarche import posted
from tests.test_suites import texts, to
from tests.test_textes_hold import refused
from tests.test_textes_public import read

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MONDAY = local(-7 - timezone.localdate().weekday(), 7, 30)  # of last week
ADD = "/admin/consultation/reserve/add/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def policy():
    return make_policy()


def test_a_periode_de_reserve_holds_successes_and_letters_back_until_somebody_answers_for_them(policy, client):
    demarche, reader, by = policy.demarche, make_personne(), make_superuser()
    make_abonnement(demarche=demarche, personne=reader, confirmed_at=timezone.now() - DAY)
    before = make_actualite(demarche=demarche, title="Avant", published_at=timezone.now() - 2 * DAY)
    today = timezone.localdate()
    tasks.announce_due()
    unsent = make_actualite(demarche=demarche, title="Pas encore partie", published_at=timezone.now() - DAY)
    set_reserve(Reserve(demarche=demarche, starts_on=today, ends_on=today + DAY, reason="Élections"), by=by)
    suite = announced(policy, due=30)
    with pytest.raises(HeldBack):
        to(suite, SuiteState.DONE, due=30)
    assert to(suite, SuiteState.DONE, due=30, in_reserve="C’est une date de travaux.").state == SuiteState.DONE
    during = make_actualite(demarche=demarche, title="Pendant", published_at=timezone.now())
    tasks.announce_due()
    assert set(Actualite.objects.exclude(announced_at=None)) == {before}
    assert "Pendant" not in read("/actualites/")
    assert "Pas encore partie" in read("/actualites/")  # nobody takes back what was read; its letters wait
    client.force_login(by)
    page = client.get(f"/admin/consultation/actualite/{during.pk}/change/")
    assert "attend la fin de la période de réserve" in page.content.decode()
    assert "2 actualités attendent sa fin" in texts(client, "/admin/")
    sent = posted(page, in_reserve="Une alerte de sécurité.")
    assert client.post(f"/admin/consultation/actualite/{during.pk}/change/", sent).status_code == 302
    tasks.announce_due()
    assert "Pendant" in read("/actualites/")
    assert Envoi.objects.filter(subject__contains="Pendant").count() == 1
    assert Entree.objects.filter(kind="reserve.confirmation").count() == 2
    refused("UPDATE consultation_confirmation SET reason = 'Autre.'", by="confirmation_stays")
    refused("DELETE FROM consultation_confirmation", by="confirmation_stays")
    late = make_actualite(demarche=demarche, title="Plus tard", published_at=timezone.now())
    tasks.announce_due()
    assert set(Actualite.objects.filter(announced_at=None)) == {late, unsent}
    Reserve.objects.update(starts_on=today - 2 * DAY, ends_on=today - DAY)
    assert held_by(demarche) is None
    tasks.announce_due()
    assert not Actualite.objects.filter(announced_at=None).exists()


def reader(demarche, rhythm):
    found = make_personne()
    make_abonnement(demarche=demarche, personne=found, confirmed_at=MONDAY - 60 * DAY)
    Abonnement.objects.filter(personne=found).update(rhythm=rhythm)
    return found


def out(demarche, title, at):
    return make_actualite(demarche=demarche, title=title, published_at=at, announced_at=at + timedelta(minutes=1))


def reserve_of(demarche, first, last):
    """Set long before."""
    days = {"starts_on": timezone.localdate(MONDAY + first * DAY), "ends_on": timezone.localdate(MONDAY + last * DAY)}
    return Reserve.objects.create(demarche=demarche, reason="Élections", set_at=MONDAY - 30 * DAY, **days)


def told(personne):
    return [one.body_text for one in Envoi.objects.filter(to=personne.email).order_by("pk")]


def sent(at):
    return digests.send_due(at)


def test_digests_of_what_appeared_before_wait_for_the_end_and_leave_once():
    demarche = make_demarche()
    alice, bob = reader(demarche, Rhythm.DAILY), reader(demarche, Rhythm.WEEKLY)
    out(demarche, "De la veille", MONDAY - timedelta(hours=10))
    out(demarche, "De l’avant-veille", MONDAY - 2 * DAY)
    reserve = reserve_of(demarche, 0, 2)
    assert sent(MONDAY) == 1, "what was due on Sunday, while nothing held it"
    assert "avant-veille" in told(alice)[0] and "De la veille" not in told(alice)[0] and not told(bob)
    assert sent(MONDAY + DAY) == sent(MONDAY + 2 * DAY) == 0
    after = MONDAY + 3 * DAY
    assert [sent(after) for _ in range(2)] == [1, 0]
    assert "De la veille" in told(alice)[1] and len(told(alice)) == 2
    assert [sent(MONDAY + 7 * DAY) for _ in range(2)] == [1, 0], "the Monday that follows"
    assert "De la veille" in told(bob)[0] and "avant-veille" in told(bob)[0]
    assert reserve.released_at < after


def test_two_periods_that_follow_each_other_hold_as_one():
    demarche = make_demarche()
    alice = reader(demarche, Rhythm.DAILY)
    out(demarche, "De la veille", MONDAY - timedelta(hours=10))
    reserve_of(demarche, 0, 1)
    reserve_of(demarche, 2, 20)
    assert [sent(MONDAY + n * DAY) for n in range(21)] == [0] * 21
    assert [sent(MONDAY + n * DAY) for n in (21, 22, 23)] == [1, 0, 0]
    assert len(told(alice)) == 1


def test_what_somebody_answers_for_leaves_meanwhile_and_alone():
    demarche = make_demarche()
    alice = reader(demarche, Rhythm.DAILY)
    sure, other = (out(demarche, title, MONDAY - timedelta(hours=9)) for title in ("Alerte", "Succès"))
    Reserve.objects.create(
        demarche=demarche,
        starts_on=timezone.localdate(MONDAY),
        ends_on=timezone.localdate() + DAY,
        set_at=MONDAY - DAY,
        reason="Élections",
    )
    assert sent(MONDAY) == 0
    assert confirm_actualite(sure, reason="Une alerte de sécurité.", by=make_superuser())
    tomorrow = timezone.localtime().replace(hour=7, minute=30) + DAY
    assert [sent(tomorrow) for _ in range(2)] == [1, 0]
    assert "Alerte" in told(alice)[0] and "Succès" not in told(alice)[0]
    assert sent(tomorrow + DAY) == 1
    assert "Succès" in told(alice)[1] and "Alerte" not in told(alice)[1]
    assert other.pk


def test_its_first_and_last_instants():
    demarche, today = make_demarche(), timezone.localdate()
    midnight = timezone.make_aware(datetime.combine(today, datetime.min.time()))
    Reserve.objects.create(
        demarche=demarche, starts_on=today, ends_on=today, reason="Élections", set_at=midnight - 9 * DAY
    )
    second = timedelta(seconds=1)
    eve, first, last, after = (
        make_actualite(demarche=demarche, title=title, published_at=at)
        for title, at in (
            ("La veille", midnight - second),
            ("Le jour", midnight),
            ("Le soir", midnight + DAY - second),
            ("Après", midnight + DAY),
        )
    )
    shown = Actualite.objects.published
    assert set(shown(midnight - second)) == {eve}
    assert set(shown(midnight)) == set(shown(midnight + DAY - second)) == {eve}
    assert set(shown(midnight + DAY)) == {eve, first, last, after}
    assert not Actualite.objects.to_announce(midnight + DAY - second).exists(), "no letter of the eve either"
    assert set(Actualite.objects.to_announce(midnight + DAY)) == {eve, first, last, after}


def test_the_responsable_sets_moves_and_lifts_it_and_what_had_appeared_stays(client):
    demarche, today = make_demarche(), timezone.localdate()
    client.force_login(make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user)
    out(demarche, "De ce matin", timezone.now() - timedelta(minutes=2))
    make_abonnement(demarche=demarche, confirmed_at=MONDAY)
    Abonnement.objects.update(rhythm=Rhythm.DAILY)
    typed = {"demarche": demarche.pk, "reason": "Élections", "starts_on": str(today - DAY), "ends_on": str(today)}
    assert "aujourd’hui au plus tôt" in client.post(ADD, typed).content.decode()
    assert client.post(ADD, typed | {"starts_on": str(today), "ends_on": str(today + DAY)}).status_code == 302
    reserve = Reserve.objects.get()
    assert "De ce matin" in read("/actualites/")
    assert "1 actualité parue avant attend les résumés" in texts(client, "/admin/")
    change = f"/admin/consultation/reserve/{reserve.pk}/change/"
    page = client.get(change)
    assert "son premier jour reste" in client.post(change, posted(page, starts_on=str(today + DAY))).content.decode()
    assert "aujourd’hui au plus tôt" in client.post(change, posted(page, ends_on=str(today - DAY))).content.decode()
    assert client.post(f"/admin/consultation/reserve/{reserve.pk}/delete/", {"post": "yes"}).status_code == 403
    news = "/admin/consultation/actualite/add/"
    back = {"demarche": demarche.pk, "topic": "", "title": "Antidatée", "body": "…"}
    back |= {"published_at_0": str(today - 3 * DAY), "published_at_1": "10:00"}
    assert "ne se date pas d’avant elle" in client.post(news, back).content.decode()
    assert client.post(change, posted(page, lift="on")).status_code == 302
    assert Reserve.objects.get().lifted_at and held_by(demarche) is None
    assert Entree.objects.filter(kind="reserve.levee").count() == 1
    assert client.post(change, posted(page, ends_on=str(today + 5 * DAY))).status_code == 403, "it is over"

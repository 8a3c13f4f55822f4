"""Who came: noted once whoever taps and however often, corrected with a trace, never more with a place than places."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from consultation.actions import forgetting, inscriptions, presence
from consultation.actions.inscriptions import register
from consultation.actions.presence import Newcomer, PresenceRefusedError, arrive, take_back, walk_in
from consultation.choices import InscriptionEventKind as Kind
from consultation.choices import InscriptionState, Mode, Presence, RencontreState
from consultation.models import Inscription, InscriptionEvent, Rencontre, Venue
from consultation.presence import Came, count, presence_of
from socle.comptes.models import Personne
from socle.courriels.models import Envoi
from socle.dates import Precision
from tests.arriving import CANCELLED, WAITING, guest, kinds, tonight
from tests.factories import local, make_college, make_personne, make_user

pytestmark = pytest.mark.django_db
CONFIRMED = InscriptionState.CONFIRMED


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def by():
    return make_user(is_staff=True)


def state(inscription):
    inscription.refresh_from_db()
    return inscription.state, inscription.sur_place, inscription.attended_at is not None


def test_who_has_a_place_comes_once_however_often_it_is_said(by):
    rencontre = tonight()
    one = guest(rencontre)
    first = arrive(rencontre.pk, one.pk, by).attended_at
    assert arrive(rencontre.pk, one.pk, by).attended_at == first
    assert kinds(one) == [Kind.ATTENDED]
    assert one.events.get().by == by
    assert presence_of(rencontre) == Came(room=1)


def test_a_correction_leaves_its_trace_and_one_may_come_after_it(by):
    rencontre = tonight()
    one = guest(rencontre)
    arrive(rencontre.pk, one.pk, by)
    for _ in range(2):
        take_back(rencontre.pk, one.pk, by)
    assert state(one) == (CONFIRMED, False, False)
    arrive(rencontre.pk, one.pk, by)
    assert kinds(one) == [Kind.ATTENDED, Kind.NOT_ATTENDED, Kind.ATTENDED]


def test_a_tap_that_waited_for_the_network_does_not_undo_a_correction(by):
    """Telephone A noted it, its answer was lost; telephone B put it right; A sends again."""
    rencontre = tonight()
    one, tapped = guest(rencontre), timezone.now()
    arrive(rencontre.pk, one.pk, by, at=tapped)
    take_back(rencontre.pk, one.pk, by)
    with pytest.raises(PresenceRefusedError, match="corrigé cette ligne depuis"):
        arrive(rencontre.pk, one.pk, by, at=tapped)
    assert presence_of(rencontre).total == 0


def test_an_undoing_that_waited_does_not_undo_a_later_arrival(by):
    rencontre = tonight()
    one, tapped = guest(rencontre), timezone.now()
    arrive(rencontre.pk, one.pk, by)
    with pytest.raises(PresenceRefusedError, match="corrigé"):
        take_back(rencontre.pk, one.pk, by, at=tapped)
    assert state(one)[2]


def test_taps_made_without_network_keep_their_order(by):
    """Here, no, yes after all: sent together, long after."""
    rencontre = tonight()
    one, first = guest(rencontre), timezone.now() - timedelta(seconds=3)
    arrive(rencontre.pk, one.pk, by, at=first)
    take_back(rencontre.pk, one.pk, by, at=first + timedelta(seconds=1))
    arrive(rencontre.pk, one.pk, by, at=first + timedelta(seconds=2))
    assert state(one)[2]


@pytest.mark.parametrize(("capacity", "expected"), [(None, (CONFIRMED, False, True)), (2, (CONFIRMED, False, True))])
def test_who_gave_their_place_back_and_comes_takes_one_that_is_free(by, capacity, expected):
    rencontre = tonight(capacity=capacity)
    guest(rencontre)
    one = guest(rencontre, state=CANCELLED)
    arrive(rencontre.pk, one.pk, by)
    assert state(one) == expected


@pytest.mark.parametrize("before", [WAITING, CANCELLED])
def test_who_has_no_place_and_comes_is_counted_apart_when_all_are_taken(by, before):
    rencontre = tonight(capacity=1)
    arrive(rencontre.pk, guest(rencontre).pk, by)
    one = guest(rencontre, state=before)
    arrive(rencontre.pk, one.pk, by)
    assert state(one) == (CONFIRMED, True, True)
    assert kinds(one) == [Kind.ON_THE_SPOT, Kind.ATTENDED]
    assert presence_of(rencontre) == Came(room=1, sur_place=1)


def test_who_waits_and_was_noted_by_mistake_has_their_rank_again(by):
    rencontre = tonight(capacity=1)
    people = [make_personne() for _ in range(3)]
    _, second, third = [register(personne, rencontre.pk) for personne in people]
    arrive(rencontre.pk, second.pk, by)
    take_back(rencontre.pk, second.pk, by)
    assert state(second) == (WAITING, False, False)
    assert list(Inscription.objects.filter(rencontre=rencontre).waiting()) == [second, third]


def test_a_place_taken_at_the_door_by_mistake_goes_to_who_asked_meanwhile(by):
    rencontre = tonight(capacity=1)
    gone = register(make_personne(), rencontre.pk)
    inscriptions.cancel(gone)
    arrive(rencontre.pk, gone.pk, by)
    late = register(make_personne(), rencontre.pk)
    assert late.is_waiting
    take_back(rencontre.pk, gone.pk, by)
    assert state(gone) == (CANCELLED, False, False)
    assert state(late) == (CONFIRMED, False, False)


def test_somebody_of_no_list_with_an_address_has_a_place_while_there_is_one(by):
    rencontre = tonight(capacity=1)
    college = make_college(demarche=rencontre.demarche)
    rows = [
        walk_in(rencontre.pk, Newcomer(f"Nom {n}", f"n{n}@example.org", college, n == 1), by, uuid4()) for n in (1, 2)
    ]
    assert [state(row) for row in rows] == [(CONFIRMED, False, True), (CONFIRMED, True, True)]
    assert [(row.name, row.college, row.image_refused) for row in rows] == [
        ("Nom 1", college, True),
        ("Nom 2", college, False),
    ]
    assert not Envoi.objects.exists(), "nothing is written to an address typed at the door"
    assert not Personne.objects.filter(confirmed_at__isnull=False).exists(), "nor is it proved by it"


def test_nobody_at_the_door_passes_before_who_waits(by):
    """A place is free, and whoever waits for it cannot be reached by mail: they may still come."""
    rencontre = tonight(capacity=1)
    first = guest(rencontre, state=WAITING)
    newcomer = walk_in(rencontre.pk, Newcomer("Nom", "nom@example.org"), by, uuid4())
    assert state(newcomer) == (CONFIRMED, True, True)
    arrive(rencontre.pk, first.pk, by)
    assert state(first) == (CONFIRMED, False, True)


def test_a_known_address_at_the_door_is_the_same_person_however_it_is_written(by):
    rencontre = tonight()
    one = guest(rencontre, email="claire@example.org")
    for _ in range(2):
        walk_in(rencontre.pk, Newcomer("Claire", "CLAIRE@example.org"), by, uuid4())
    assert state(one) == (CONFIRMED, False, True)
    assert (one.name, rencontre.inscriptions.count(), Venue.objects.count()) == ("Claire", 1, 0)


def test_a_line_without_an_address_is_one_line_and_is_erased_with_its_trace(by):
    rencontre, key = tonight(), uuid4()
    line = walk_in(rencontre.pk, Newcomer("Jean"), by, key)
    assert walk_in(rencontre.pk, Newcomer("Jean"), by, key) == line
    assert presence_of(rencontre) == Came(sur_place=1)
    presence.erase_line(rencontre.pk, line.pk, by)
    assert walk_in(rencontre.pk, Newcomer("Jean"), by, key) == line, "sent again after it was erased"
    line.refresh_from_db()
    assert (line.erased_by, presence_of(rencontre).total) == (by, 0)


def test_the_key_of_another_evening_is_refused(by):
    key = uuid4()
    walk_in(tonight().pk, Newcomer("Jean"), by, key)
    with pytest.raises(PresenceRefusedError, match="autre rencontre"):
        walk_in(tonight().pk, Newcomer("Jean"), by, key)


def test_nobody_comes_to_a_rencontre_of_another_day_without_a_day_or_cancelled(by):
    cancelled = {"state": RencontreState.CANCELLED, "cancel_reason": "Grève."}
    coming = ({"starts_at": local(1)}, {"precision": Precision.MONTH}, cancelled)
    for fields, said in zip(coming, ("est-ce la bonne", "n’est pas fixé", "annulée"), strict=True):
        rencontre = tonight(**fields)
        one = guest(rencontre)
        with pytest.raises(PresenceRefusedError, match=said):
            arrive(rencontre.pk, one.pk, by)
        with pytest.raises(PresenceRefusedError, match=said):
            walk_in(rencontre.pk, Newcomer("Jean"), by, uuid4())
    assert not InscriptionEvent.objects.exists() and not Venue.objects.exists()


def test_nobody_of_another_rencontre_is_noted_here(by):
    with pytest.raises(Inscription.DoesNotExist):
        arrive(tonight().pk, guest(tonight()).pk, by)


def test_in_the_room_or_at_a_distance_is_noted_and_counted_apart(by):
    rencontre = tonight(mode=Mode.BOTH)
    here, far, changed = guest(rencontre), guest(rencontre, presence=Presence.REMOTE), guest(rencontre)
    arrive(rencontre.pk, here.pk, by, presence=Presence.ROOM)
    arrive(rencontre.pk, far.pk, None)
    arrive(rencontre.pk, changed.pk, by, presence=Presence.ROOM)
    arrive(rencontre.pk, changed.pk, by, presence=Presence.REMOTE)
    assert presence_of(rencontre) == count(rencontre.inscriptions.all(), 0) == Came(room=1, remote=2)
    assert presence_of(rencontre).label == "3 présents\N{NO-BREAK SPACE}: 1 dans la salle, 2 à distance"
    assert list(changed.events.order_by("pk").values_list("note", flat=True)) == ["dans la salle", "à distance"]


@pytest.mark.parametrize(("mode", "expected"), [(Mode.ROOM, Presence.ROOM), (Mode.REMOTE, Presence.REMOTE)])
def test_where_one_can_only_come_one_way_that_is_how_they_came(by, mode, expected):
    rencontre = tonight(mode=mode)
    one = guest(rencontre, presence=expected)
    arrive(rencontre.pk, one.pk, by, presence=Presence.REMOTE)
    one.refresh_from_db()
    assert one.presence == expected


def test_who_came_and_refuses_images_is_written_each_time_it_changes(by):
    one = guest(tonight())
    for refused in (True, True, False):
        presence.refuse_image(one.rencontre_id, one.pk, by, refused=refused)
    assert kinds(one) == [Kind.IMAGE_REFUSED, Kind.IMAGE_ALLOWED]


def test_names_are_erased_a_year_after_and_counts_stay(by):
    rencontre = tonight(starts_at=local(-300))
    arrive(rencontre.pk, guest(rencontre, "Claire").pk, by)
    walk_in(rencontre.pk, Newcomer("Jean"), by, uuid4())
    before, after = local(-300) + forgetting.NAMES_KEPT, local(-300) + forgetting.NAMES_KEPT + timedelta(days=1)
    assert [forgetting.forget_names(at) for at in (before, after, after)] == [0, 2, 0]
    assert presence_of(rencontre) == Came(room=1, sur_place=1)


def test_a_place_given_back_takes_the_name_with_it():
    one = guest(tonight(starts_at=local(3)), "Claire")
    inscriptions.cancel(one)
    one.refresh_from_db()
    assert one.name == ""


# In the database


@pytest.mark.parametrize("change", [{"attended_at": timezone.now()}, {"sur_place": True}])
def test_nobody_is_present_without_being_confirmed(change):
    one = guest(tonight(), state=WAITING)
    with pytest.raises(IntegrityError, match="inscription_present_is_confirmed"), transaction.atomic():
        Inscription.objects.filter(pk=one.pk).update(**change)


def test_an_erased_line_says_by_whom(by):
    line = walk_in(tonight().pk, Newcomer("Jean"), by, uuid4())
    with pytest.raises(IntegrityError, match="venue_erased_by"), transaction.atomic():
        Venue.objects.filter(pk=line.pk).update(erased_at=timezone.now())


# Several telephones at once


def at_once(work, items):
    def run(item):
        try:
            return work(item)
        except Exception as error:  # noqa: BLE001 (what went wrong is what is looked at)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, items))


@pytest.mark.django_db(transaction=True)
def test_two_telephones_on_the_same_person_note_it_once(by):
    rencontre = tonight()
    one = guest(rencontre)
    found = at_once(lambda _: arrive(rencontre.pk, one.pk, by).pk, range(16))
    assert set(found) == {one.pk}
    assert kinds(one) == [Kind.ATTENDED]


@pytest.mark.django_db(transaction=True)
def test_walk_ins_at_once_never_take_more_places_than_there_are(by):
    """Those who wait, those who gave theirs back and those of no list, all at the door, for three places."""
    rencontre = tonight(capacity=3)
    gone = [guest(rencontre, state=CANCELLED) for _ in range(8)]
    work = [lambda one=one: arrive(rencontre.pk, one.pk, by) for one in gone]
    work += [
        lambda n=n: walk_in(rencontre.pk, Newcomer(email=f"n{n}@example.org"), by, uuid4()) for n in (*range(8), 0, 1)
    ]
    found = at_once(lambda one: one(), work)
    assert [one for one in found if isinstance(one, Exception)] == []
    rows = rencontre.inscriptions.filter(attended_at__isnull=False)
    assert (rows.count(), rows.filter(sur_place=False).count()) == (16, 3)
    assert presence_of(rencontre) == count(rows, 0) == Came(room=3, sur_place=13)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_door_would_fail(by, monkeypatch):
    """The trigger would refuse what the lock makes wait: the test above can fail."""
    monkeypatch.setattr(presence, "_lock", lambda pk: Rencontre.objects.select_related("demarche").get(pk=pk))
    for _ in range(5):
        rencontre = tonight(capacity=1)
        gone = [guest(rencontre, state=CANCELLED) for _ in range(16)]
        found = at_once(lambda one, pk=rencontre.pk: arrive(pk, one.pk, by), gone)
        if any(isinstance(one, IntegrityError) for one in found):
            return
    pytest.fail("five times sixteen people, and no two of them met")


@pytest.mark.django_db(transaction=True)
def test_one_line_sent_by_two_telephones_is_one_line(by):
    rencontre, key = tonight(), uuid4()
    found = at_once(lambda _: walk_in(rencontre.pk, Newcomer("Jean"), by, key).pk, range(12))
    assert len(set(found)) == 1
    assert Venue.objects.count() == 1

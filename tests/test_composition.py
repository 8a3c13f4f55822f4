"""Who comes into a group, leaves it and comes back, with its séances and the one message that says so."""

import pytest
from django.utils import timezone

from ateliers.actions import composition, seances
from ateliers.actions.composition import CompositionError, Someone
from ateliers.member_links import member_path
from ateliers.models import CameBy, Membre, MembreEvent
from consultation.actions import inscriptions
from consultation.choices import DemarcheState, InscriptionState, RencontreState
from consultation.models import Inscription, InscriptionEvent
from socle.courriels.models import Envoi, State
from tests.composing import make_group, people, put_in, states
from tests.factories import (
    local,
    make_demarche,
    make_inscription,
    make_personne,
    make_rencontre,
    make_seance,
    make_user,
)
from tests.writing import mails as sent

pytestmark = pytest.mark.django_db

CONFIRMED, WAITING, CANCELLED = (str(state) for state in InscriptionState)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def group():
    return make_group(capacity=4)


def mails():
    return list(Envoi.objects.order_by("pk").values_list("to", "subject"))


def test_members_get_the_three_seances_and_one_message(group):
    staff = make_user(is_staff=True)
    composed = put_in(group, people(2, name="Alix Martin"), by=staff)
    assert (composed.joined, composed.back, composed.already) == (2, 0, 0)
    assert states(group) == [[CONFIRMED] * 2] * 3
    assert set(Inscription.objects.values_list("name", flat=True)) == {"Alix Martin"}
    subject = f"Vous composez l’atelier {group.rank} – {group.town}"
    assert mails() == [("membre0@example.org", subject), ("membre1@example.org", subject)]
    assert set(InscriptionEvent.objects.values_list("by", flat=True)) == {staff.pk}
    assert list(MembreEvent.objects.values_list("kind", "by")) == [("entree", staff.pk)] * 2


def test_the_same_list_again_changes_nothing(group):
    put_in(group, people(2))
    gone = Inscription.objects.order_by("pk").first()
    inscriptions.cancel(gone)
    before = (mails(), states(group), list(Membre.objects.values()), MembreEvent.objects.count())
    composed = put_in(group, people(2, name="Un autre nom"))
    assert composed.already == 2
    assert (mails(), states(group), list(Membre.objects.values()), MembreEvent.objects.count()) == before


def test_two_spellings_of_one_address_are_one_member(group):
    put_in(group, [Someone("Alice@Example.org"), Someone("alice@example.org")])
    assert Membre.objects.count() == 1


def test_what_does_not_come_or_is_not_announced_is_nobody_s(group):
    past = make_seance(group, starts_at=local(-2))
    cancelled = make_seance(group, state=RencontreState.CANCELLED)
    draft = make_seance(group, state=RencontreState.DRAFT)
    put_in(group, people(1))
    assert not Inscription.objects.filter(rencontre__in=[past.pk, cancelled.pk, draft.pk]).exists()
    assert Inscription.objects.count() == 3


def test_beyond_the_places_they_wait_and_the_figures_say_so(group):
    composed = put_in(group, people(6))
    assert states(group) == [[CONFIRMED] * 4 + [WAITING] * 2] * 3
    first = group.seances.first().pk
    assert (composed.confirmed[first], composed.waiting[first]) == (4, 2)
    told = Envoi.objects.get(to="membre5@example.org").body_text
    assert "2e sur la liste d’attente" in told and "Une séance est complète" in told


def test_a_seance_that_takes_no_names_takes_the_group(group):
    composition.open_rest(group, opened=False)
    put_in(group, people(1))
    assert states(group) == [[CONFIRMED]] * 3


def test_who_registered_before_keeps_their_place(group):
    alice = make_personne(email="alice@example.org")
    held = inscriptions.register(alice, group.seances.first().pk)
    put_in(group, [Someone("ALICE@example.org")])
    assert Inscription.objects.get(personne=alice, rencontre=held.rencontre_id).pk == held.pk
    assert states(group) == [[CONFIRMED]] * 3


def test_the_message_to_an_address_nobody_proved_names_nobody_and_asks(group):
    make_personne(email="membre1@example.org")
    put_in(group, people(2, name="Zoé Secrète", organisation="Les Amis"))
    unproved, proved = (Envoi.objects.get(to=f"membre{n}@example.org") for n in (0, 1))
    for envoi in (unproved, proved):
        assert "Zoé" not in envoi.body_text + envoi.body_html and "Les Amis" not in envoi.body_text + envoi.body_html
        assert "/ateliers/membre/" in envoi.body_text
    assert "vous ne l’avez pas encore confirmée" in unproved.body_text.replace("\n", " ")
    assert "confirmée" not in proved.body_text.replace("Votre place est confirmée", "")


def test_nobody_is_put_in_a_group_that_nobody_can_read():
    group = make_group(demarche=make_demarche(state=DemarcheState.DRAFT, courante=False))
    with pytest.raises(CompositionError, match="n’est pas ouverte"):
        put_in(group, people(1))
    assert not Membre.objects.exists() and not Envoi.objects.exists()


def test_who_leaves_gives_the_places_to_come_to_the_line(group):
    put_in(group, people(5))
    came = make_seance(group, starts_at=local(-2))
    leaver = Membre.objects.order_by("pk").first()
    kept = make_inscription(rencontre=came.rencontre, personne=leaver.personne, attended_at=timezone.now())
    staff = make_user(is_staff=True)
    assert composition.leave(leaver, staff) == 3
    assert states(group)[:3] == [[CANCELLED, *[CONFIRMED] * 4]] * 3
    kept.refresh_from_db()
    assert kept.state == CONFIRMED
    assert MembreEvent.objects.filter(membre=leaver).values_list("kind", "by").last() == ("depart", staff.pk)
    event = InscriptionEvent.objects.filter(inscription__personne=leaver.personne, kind="retiree").first()
    assert (event.by, event.note) == (staff, "A quitté le groupe.")
    told = Envoi.objects.filter(to="membre0@example.org")
    assert told.filter(state=State.CANCELLED).count() == 1  # the welcome, not sent yet, would be false
    assert told.get(state=State.WAITING).subject.startswith("Vous ne faites plus partie")
    assert composition.leave(leaver, staff) == 0


def test_who_comes_back_is_the_same_member_at_the_end_of_the_line(group):
    put_in(group, people(5, name="Alix"))
    leaver = Membre.objects.order_by("pk").first()
    composition.leave(leaver)
    composed = composition.come_back(leaver, make_user(is_staff=True))
    assert (composed.joined, composed.back) == (0, 1)
    leaver.refresh_from_db()
    assert leaver.left_at is None and leaver.name == "Alix" and leaver.came_by == CameBy.LANCEMENT
    assert Membre.objects.count() == 5
    assert states(group) == [[WAITING, *[CONFIRMED] * 4]] * 3
    assert list(leaver.events.values_list("kind", flat=True)) == ["entree", "depart", "retour"]
    welcomes = Envoi.objects.filter(to="membre0@example.org", subject__startswith="Vous composez")
    assert sorted(welcomes.values_list("state", flat=True)) == sorted([State.CANCELLED, State.WAITING])


def test_a_seance_planned_later_is_theirs_and_not_of_those_who_left(group):
    make_personne(email="membre2@example.org")
    put_in(group, people(3))
    composition.leave(Membre.objects.order_by("pk").first())
    seance = seances.plan_seance(group, 4, local(60, 18), capacity=1)
    held = Inscription.objects.filter(rencontre=seance.pk).order_by("pk")
    assert list(held.values_list("personne__email", "state")) == [
        ("membre1@example.org", CONFIRMED),
        ("membre2@example.org", WAITING),
    ]
    # The other's address is not proved: nothing more is sent to it.
    assert [one.to for one in sent() if "séance 4" in one.subject] == [["membre2@example.org"]]


def test_catching_up_never_asks_again_who_gave_a_place_back(group):
    put_in(group, people(2))
    gone = Inscription.objects.order_by("pk").first()
    inscriptions.cancel(gone)
    late = make_seance(group)  # without the action that plans: as a programme loads it
    composition.catch_up(group, make_user(is_staff=True))
    gone.refresh_from_db()
    assert gone.state == CANCELLED
    assert Inscription.objects.filter(rencontre=late.pk).count() == 2
    again = composition.catch_up(group)
    assert not again.confirmed and not again.waiting


def test_opening_the_rest_and_closing_it(group):
    past = make_seance(group, starts_at=local(-2))
    assert composition.open_rest(group, opened=False) == 3
    assert composition.open_rest(group, opened=False) == 0
    alice = make_personne()
    assert inscriptions.register_all(alice, [seance.pk for seance in group.seances.all()]) == []
    assert composition.open_rest(group, opened=True) == 3
    assert len(inscriptions.register_all(alice, [seance.pk for seance in group.seances.all()])) == 3
    past.rencontre.refresh_from_db()
    assert past.rencontre.takes_inscriptions


def test_who_registers_freely_is_a_member_once_the_team_says_so(group):
    everywhere, once = make_personne(email="partout@example.org"), make_personne()
    pks = [seance.pk for seance in group.seances.all()]
    inscriptions.register_all(everywhere, pks)
    inscriptions.register_all(once, pks[:1])
    assert not Membre.objects.exists()
    composed = composition.take_registrants(group, make_user(is_staff=True))
    assert composed.joined == 1
    assert list(Membre.objects.values_list("personne__email", "came_by")) == [("partout@example.org", CameBy.LIBRE)]
    assert composition.take_registrants(group, make_user(is_staff=True)).joined == 0


def test_without_a_seance_to_come_nobody_has_registered_everywhere():
    group = make_group(seances=0)
    make_inscription(rencontre=make_rencontre())
    assert composition.take_registrants(group, make_user(is_staff=True)).joined == 0
    put_in(group, people(1))
    assert "seront annoncées" in Envoi.objects.get().body_text


# The page of a member


@pytest.fixture
def membre(group):
    put_in(group, people(1))
    return Membre.objects.get()


def test_reading_the_page_changes_nothing_and_names_nobody(client, membre):
    Membre.objects.update(name="Zoé Secrète")
    answer = client.get(member_path(membre.pk))
    said = answer.content.decode()
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    assert "Est-ce bien vous" in said and "Votre place est confirmée" in said and "Zoé" not in said
    assert not membre.personne.is_confirmed


def test_one_says_that_it_is_oneself_and_reminders_may_come(client, membre):
    assert client.post(member_path(membre.pk), {"geste": "confirmer"}).status_code == 302
    membre.personne.refresh_from_db()
    assert membre.personne.is_confirmed
    assert "Est-ce bien vous" not in client.get(member_path(membre.pk)).content.decode()


def test_one_leaves_by_the_same_link_after_being_asked(client, membre, group):
    asked = client.get(f"{member_path(membre.pk)}?quitter").content.decode()
    assert "Oui, quitter le groupe" in asked
    for _ in range(2):  # harmless again
        assert client.post(member_path(membre.pk), {"geste": "quitter"}).status_code == 302
    assert states(group) == [[CANCELLED]] * 3
    assert membre.events.filter(kind="depart", by=None).count() == 1
    page = client.get(member_path(membre.pk)).content.decode()
    assert "ne faites plus partie" in page and 'name="geste"' not in page
    # The link is not a way to prove an address for who left.
    client.post(member_path(membre.pk), {"geste": "confirmer"})
    membre.personne.refresh_from_db()
    assert not membre.personne.is_confirmed


@pytest.mark.parametrize("signed", ["forged", "1:x", "é", "a" * 200])
def test_a_forged_link_opens_nothing(client, membre, signed):
    assert client.get(f"/ateliers/membre/{signed}/").status_code == 404


def test_the_link_of_mes_inscriptions_is_not_that_of_a_member(client, membre):
    path = member_path(membre.pk).replace("/ateliers/membre/", "/inscriptions/")
    assert client.get(path).status_code == 404

"""The minutes of a séance in the admin: written, opened to those who were there, answered, adopted."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from ateliers.actions import comptes_rendus as actions
from ateliers.delays import Delay
from ateliers.links import present_path
from ateliers.models import CompteRendu, CompteRenduState, Lecture, Remarque
from consultation.models import Venue
from socle.courriels.models import Envoi
from socle.registre.models import Entree
from tests.factories import local, make_contribution, make_personne, make_seance
from tests.minutes import adopted, animator, came, held, opened, relecture_over, seal_of, written
from tests.reminding import sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def seance():
    return held()


@pytest.fixture
def staff(client, seance):
    client.force_login(animator(seance))
    return client


def page_of(seance, name="compte_rendu", *more):
    return reverse(f"admin:ateliers_seance_{name}", args=[seance.atelier_id, seance.rank, *more])


def posted(seance, points=(), **fields):
    """What the browser sends of the form: the rows of the points, then the rest."""
    data = {"introduction": "", "next_steps": "", "seal": seal_of(seance)} | fields
    data |= {"points-TOTAL_FORMS": str(len(points)), "points-INITIAL_FORMS": "0"}
    for number, (rank, title, text) in enumerate(points):
        data |= {f"points-{number}-rank": rank, f"points-{number}-title": title, f"points-{number}-text": text}
    return data


def body(response):
    return response.content.decode()


def test_minutes_are_written_in_the_order_of_the_ranks(staff, seance):
    rows = [("2", "Le vélo", "Des pistes."), ("1", "Les bus", ""), ("", "", ""), ("", "Divers", "Rien.")]
    answered = staff.post(page_of(seance), posted(seance, rows, introduction="Bonjour.", next_steps="À lundi."))
    assert answered.status_code == 303
    compte_rendu = CompteRendu.objects.get()
    assert (compte_rendu.introduction, compte_rendu.next_steps) == ("Bonjour.", "À lundi.")
    said = [(point.rank, point.title, point.text) for point in compte_rendu.points.all()]
    assert said == [(1, "Les bus", ""), (2, "Le vélo", "Des pistes."), (3, "Divers", "Rien.")]
    shown = body(staff.get(page_of(seance)))
    assert all(words in shown for words in ("Bonjour.", "Les bus", "À lundi.", "Ce qui s’y met tout seul"))


def test_looking_at_minutes_that_are_not_written_makes_no_row(staff, seance):
    assert staff.get(page_of(seance)).status_code == 200
    assert not CompteRendu.objects.exists()


def test_a_point_is_taken_away_by_emptying_it(staff, seance):
    written(seance)
    staff.post(page_of(seance), posted(seance, [("1", "", ""), ("2", "Le vélo", "")]))
    assert [point.title for point in CompteRendu.objects.get().points.all()] == ["Le vélo"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("1", "", "Un texte sans titre")], "Donnez un titre à ce point."),
        ([("un", "Titre", "")], "Écrivez un nombre"),
        ([("1", "x" * 201, "")], "201 signes, 200 au plus"),
        ([("1", "Titre", "y" * 10_001)], "10001 signes, 10000 au plus"),
        ([("9" * 400, "Titre", "")], "Écrivez un nombre"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(staff, seance, rows, said):
    answered = staff.post(page_of(seance), posted(seance, rows, introduction="Gardée"))
    assert answered.status_code == 422
    assert said in body(answered).replace("\u202f", "").replace("\xa0", "")
    assert "Gardée" in body(answered)
    assert not CompteRendu.objects.exists()


@pytest.mark.parametrize("forged", [{}, {"points-TOTAL_FORMS": "deux"}, {"points-TOTAL_FORMS": "-1"}])
def test_a_forged_form_breaks_nothing(staff, seance, forged):
    assert staff.post(page_of(seance), {"introduction": "a"} | forged).status_code == 422


def test_the_second_of_two_editors_is_told_and_shown_and_loses_nothing(staff, seance):
    read_first = seal_of(seance)
    written(seance, actions.Words("Le texte d’Anne", "", (("Point d’Anne", "Elle dit."),)))
    answered = staff.post(
        page_of(seance), posted(seance, [("1", "Point de Bruno", "Il dit.")], introduction="Bruno", seal=read_first)
    )
    shown = body(answered)
    assert answered.status_code == 409
    assert "quelqu’un d’autre a écrit ce compte rendu entre-temps" in shown
    assert all(words in shown for words in ("Le texte d’Anne", "Point d’Anne", "Point de Bruno", "Bruno"))
    assert CompteRendu.objects.get().introduction == "Le texte d’Anne"
    # The next try knows what it writes over.
    assert seal_of(seance) in shown


def test_counts_are_shown_and_names_never(staff, seance):
    for number in range(3):
        came(seance, name=f"Alice Secrète {number}")
    came(seance, presence="distance")
    came(seance, sur_place=True)
    Venue.objects.create(rencontre=seance.rencontre, name="Bob Caché", by=animator(seance))
    shown = body(staff.get(page_of(seance)))
    assert "3 personnes inscrites dans la salle, 1 personne inscrite à distance" in shown
    assert "2 sont venues sans s’être inscrites" in shown
    assert "Secrète" not in shown and "Caché" not in shown


def test_opening_writes_to_those_who_were_there_with_a_proved_address(staff, seance):
    there, unproved = came(seance), came(seance, personne=make_personne(confirmed_at=None))
    absent = came(seance)
    absent.attended_at = None
    absent.save()
    written(seance)
    until = timezone.localdate() + timedelta(days=4)
    answered = staff.post(page_of(seance, "ouvrir"), {"until": until.isoformat(), "seal": seal_of(seance)}, follow=True)
    assert "1 personne est prévenue par courriel. 1 personne présente n’a pas d’adresse confirmée" in body(answered)
    assert sent() == [there.personne.email]
    assert present_path(there) in Envoi.objects.get().body_text
    assert present_path(unproved) not in Envoi.objects.get().body_text
    compte_rendu = CompteRendu.objects.get()
    assert (compte_rendu.state, compte_rendu.remarks_until) == (CompteRenduState.OPENED, until)
    # A second click writes to nobody.
    staff.post(page_of(seance, "ouvrir"), {"until": until.isoformat(), "seal": seal_of(seance)})
    assert Envoi.objects.count() == 1


def test_the_last_day_is_the_eve_of_the_next_seance(seance):
    make_seance(seance.atelier, starts_at=local(4, 18), precision="heure")
    delay = Delay.of(seance)
    assert delay.default == delay.latest == timezone.localdate() + timedelta(days=3)
    assert "la veille" in delay.why and "n’ont plus que" not in delay.why


@pytest.mark.parametrize(("days", "left"), [(1, "un seul jour"), (2, "2 jours")])
def test_a_short_delay_is_said(seance, days, left):
    """Atelier 7 of 2011 has six days between two séances: opened late, little is left."""
    make_seance(seance.atelier, starts_at=local(days, 18), precision="heure")
    assert left in Delay.of(seance).why


def test_opened_on_the_day_of_the_next_seance_the_rule_cannot_be_held_and_it_is_said(seance):
    make_seance(seance.atelier, starts_at=local(0, 23), precision="heure")
    delay = Delay.of(seance)
    assert "il n’est plus temps" in delay.why
    assert delay.default == timezone.localdate() + timedelta(days=7)


def test_a_cancelled_seance_or_one_without_a_day_sets_no_date(seance):
    make_seance(seance.atelier, starts_at=local(4, 18), state="annulee", cancel_reason="La neige.")
    make_seance(seance.atelier, starts_at=local(5), precision="mois")
    assert Delay.of(seance).default == timezone.localdate() + timedelta(days=14)


@pytest.mark.parametrize(
    ("until", "said"),
    [(-1, "Le dernier jour va d’aujourd’hui au"), (4, "Le dernier jour va d’aujourd’hui au"), (99999, "")],
)
def test_the_last_day_stays_within_its_bounds(staff, seance, until, said):
    make_seance(seance.atelier, starts_at=local(4, 18), precision="heure")
    written(seance)
    day = timezone.localdate() + timedelta(days=until)
    answered = staff.post(page_of(seance, "ouvrir"), {"until": day.isoformat(), "seal": seal_of(seance)})
    assert answered.status_code == 409 and said in body(answered)
    assert CompteRendu.objects.get().state == CompteRenduState.DRAFT


@pytest.mark.parametrize("until", ["", "demain", "2011-02-30", "\0", "9" * 500])
def test_a_day_that_is_none_is_refused_with_a_sentence(staff, seance, until):
    written(seance)
    assert staff.post(page_of(seance, "ouvrir"), {"until": until}).status_code == 422


def test_empty_minutes_and_those_of_a_seance_to_come_are_not_opened(client):
    coming = held(days=2)
    with pytest.raises(actions.NotYet) as refused:
        actions.open_to_present(coming, timezone.localdate(), seal_of(coming))
    assert [words[:16] for words in refused.value.sentences] == ["La séance n’a pa", "Le compte rendu "]


def test_where_no_hour_is_known_the_minutes_are_opened_on_the_evening_once_somebody_came():
    tonight = make_seance(starts_at=local())
    written(tonight)
    [refused] = actions.missing_to_open(CompteRendu.objects.get(), timezone.localdate())
    assert refused.startswith("La séance n’a pas eu lieu")
    came(tonight)
    assert actions.missing_to_open(CompteRendu.objects.get(), timezone.localdate()) == []


def test_a_remark_is_answered_once_and_told(staff, seance):
    inscription = came(seance)
    opened(seance)
    remarque = actions.remark(inscription, seance, "Il manque le train.", uuid4())
    address = page_of(seance, "remarque", remarque.pk)
    assert staff.post(address, {"words": "", "taken_up": ""}).status_code == 422
    assert staff.post(address, {"words": "C’est ajouté.", "taken_up": "oui"}).status_code == 303
    again = staff.post(address, {"words": "Une autre réponse", "taken_up": "non"})
    assert again.status_code == 409 and "quelqu’un d’autre a répondu" in body(again)
    remarque.refresh_from_db()
    assert (remarque.answer, remarque.taken_up) == ("C’est ajouté.", True)
    told = Envoi.objects.get(dedupe_key=f"remarque:{remarque.pk}:reponse")
    assert told.to == inscription.personne.email
    assert "C’est ajouté." in told.body_text and "a été changé" in told.body_text


def test_adoption_waits_for_the_last_day_the_answers_and_the_absent_with_figures(staff, seance):
    inscription = came(seance)
    compte_rendu = opened(seance)
    for _ in range(2):
        actions.remark(inscription, seance, "Il manque le train.", uuid4())
    Lecture.objects.create(seance=seance, contribution=make_contribution(), number=1)
    missing = " ".join(actions.missing_to_adopt(compte_rendu))
    assert "peuvent encore le corriger jusqu’au" in missing
    assert "2 remarques attendent leur réponse" in missing
    assert "la contribution lue dans la salle" in missing
    answered = staff.post(page_of(seance, "adopter"), {"seal": seal_of(seance)}, follow=True)
    assert "2 remarques attendent leur réponse" in body(answered)
    assert CompteRendu.objects.get().state == CompteRenduState.OPENED
    assert not Entree.objects.exists()


def test_adopted_it_keeps_its_counts_enters_the_register_and_is_told(staff, seance):
    there = came(seance)
    opened(seance)
    relecture_over(seance)
    Envoi.objects.all().delete()
    staff.post(page_of(seance, "adopter"), {"seal": seal_of(seance)})
    compte_rendu = CompteRendu.objects.get()
    assert compte_rendu.figures == {"salle": 1, "distance": 0, "sur_place": 0}
    entree = Entree.objects.get()
    assert (entree.kind, entree.role) == ("compte_rendu.adopte", "organisateur")
    assert entree.subject == f"seance:{seance.atelier.rank}-{seance.rank}"
    assert entree.fingerprint
    assert sent() == [there.personne.email]
    # Somebody comes to be counted afterwards: the figures are those of the adoption.
    came(seance)
    assert "1 personne inscrite dans la salle" in body(staff.get(page_of(seance)))


def test_what_is_adopted_is_not_the_words_one_has_not_read(staff, seance):
    opened(seance)
    relecture_over(seance)
    before = seal_of(seance)
    written(seance, actions.Words("Autre chose", "", ()))
    answered = staff.post(page_of(seance, "adopter"), {"seal": before}, follow=True)
    assert "quelqu’un d’autre a écrit" in body(answered)
    assert not CompteRendu.objects.adopted().exists()


def test_written_after_the_adoption_what_was_typed_is_shown_to_be_copied(staff, seance):
    before = seal_of(seance)
    adopted(seance)
    answered = staff.post(page_of(seance), posted(seance, introduction="Trop tard", seal=before))
    assert "Adopté le" in body(answered)
    assert CompteRendu.objects.get().introduction == "Nous étions nombreux."


def test_others_are_turned_away(client, seance):
    other = held()
    client.force_login(animator(other))
    for name in ("compte_rendu", "ouvrir", "adopter"):
        assert client.get(page_of(seance, name)).status_code == 404
        assert client.post(page_of(seance, name)).status_code == 404
    assert not Remarque.objects.exists()

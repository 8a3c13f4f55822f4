"""A rencontre changed once by the team: everyone concerned is told once, and what was said before is called back."""

from datetime import timedelta

import icalendar
import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from consultation.actions import rappels
from consultation.choices import InscriptionEventKind, InscriptionState, RencontreState
from consultation.models import InscriptionEvent, Rappel, Rencontre
from consultation.models.rappel import WhyNot
from socle.courriels.models import Envoi, State
from socle.dates import Precision
from socle.registre.models import Entree
from tests.factories import local, make_inscription, make_lieu, make_personne, make_rencontre, make_superuser
from tests.reminding import event_of, planned, registered, sent, swept
from tests.test_admin_demarche import posted

pytestmark = pytest.mark.django_db

SOON = local(20, 18)


@pytest.fixture
def staff(client):
    user = make_superuser()
    client.force_login(user)
    return client


def change(staff, rencontre, **fields):
    """The form of the rencontre as the team sends it, with what is changed."""
    address = f"/admin/consultation/rencontre/{rencontre.pk}/change/"
    return staff.post(address, posted(staff.get(address), **fields))


def at(moment, name="starts_at"):
    moment = timezone.localtime(moment)
    return {f"{name}_0": moment.strftime("%d/%m/%Y"), f"{name}_1": moment.strftime("%H:%M:%S")}


def moved(staff, rencontre, starts_at, reason="La salle est prise."):
    answer = change(staff, rencontre, **at(starts_at), date_reason=reason)
    assert answer.status_code == 302
    rencontre.refresh_from_db()


def test_everyone_concerned_is_told_once_and_their_calendar_follows(staff):
    rencontre = planned(SOON)
    holder = registered(rencontre)
    waits = registered(rencontre, state=InscriptionState.WAITING)
    registered(rencontre, state=InscriptionState.CANCELLED)
    earlier = rencontre.when_label
    [before] = _events(staff, rencontre)
    moved(staff, rencontre, SOON + timedelta(days=2))
    assert sent() == sorted([holder.personne.email, waits.personne.email])
    told = {message.to[0]: " ".join(message.body.split()) for message in mail.outbox}
    for words in told.values():
        assert " ".join(earlier.split()) in words and " ".join(rencontre.when_label.split()) in words
        assert "La salle est prise." in words
    assert "Votre place est gardée." in told[holder.personne.email]
    assert "liste d’attente" in told[waits.personne.email]
    after = event_of(mail.outbox[0])
    assert after["UID"] == before["UID"]
    assert (int(before["SEQUENCE"]), int(after["SEQUENCE"])) == (0, 1)
    assert after["DTSTART"].dt == rencontre.starts_at
    assert InscriptionEvent.objects.filter(kind=InscriptionEventKind.MOVED).count() == 2
    assert Entree.objects.filter(kind="rencontre.date").count() == 1
    page = staff.get(rencontre.get_absolute_url()).content.decode()
    assert earlier.replace("\N{NO-BREAK SPACE}", "&nbsp;") in page or earlier in page
    assert "La salle est prise." in page


def _events(client, rencontre):
    return icalendar.Calendar.from_ical(client.get(f"/rencontres/{rencontre.pk}.ics").content).walk("VEVENT")


def test_a_second_change_calls_back_what_the_first_has_not_sent(staff):
    rencontre = planned(SOON)
    person = registered(rencontre).personne.email
    moved(staff, rencontre, SOON + timedelta(days=2))
    moved(staff, rencontre, SOON + timedelta(days=4))
    assert sent() == [person]
    assert " ".join(rencontre.when_label.split()) in " ".join(mail.outbox[0].body.split())
    assert Envoi.objects.filter(state=State.CANCELLED).count() == 1


def test_a_moved_rencontre_is_reminded_once_at_its_new_time(staff):
    """T49: what waits of the old date is called back, and what was due before the change is not said again."""
    rencontre = planned(local(6, 18))
    person = registered(rencontre).personne.email
    rappels.remind_due()
    assert Rappel.objects.to_send().count() == 0 and Envoi.objects.unfinished().count() == 1
    moved(staff, rencontre, local(5, 18))
    assert sent() == [person]
    assert mail.outbox[0].subject.startswith("Nouvelle date")
    assert swept() == []
    assert Rappel.objects.get(starts_at=rencontre.starts_at).why_not == WhyNot.TOLD
    assert swept(local(4, 8)) == [person]
    assert mail.outbox[0].subject.startswith("Rappel")
    assert event_of(mail.outbox[0])["DTSTART"].dt == rencontre.starts_at
    assert swept(local(5, 17)) == []


def test_another_place_needs_its_reason_and_is_told(staff):
    rencontre = planned(SOON, lieu=make_lieu(name="Kursaal"))
    registered(rencontre)
    other = make_lieu(name="Salle Vauban")
    answer = change(staff, rencontre, lieu=other.pk)
    assert "Dites pourquoi le lieu change" in answer.content.decode()
    assert change(staff, rencontre, lieu=other.pk, date_reason="Un dégât des eaux.").status_code == 302
    sent()
    [message] = mail.outbox
    assert "Salle Vauban" in message.body and "au lieu de" in message.body and "Kursaal" in message.body
    assert "Salle Vauban" in event_of(message)["LOCATION"]


def test_a_place_that_becomes_known_needs_no_reason(staff):
    rencontre = planned(SOON, lieu=None)
    registered(rencontre)
    assert change(staff, rencontre, lieu=make_lieu(name="Kursaal").pk).status_code == 302
    sent()
    assert "Kursaal" in mail.outbox[0].body


def test_what_changes_nothing_for_those_who_come_is_not_told(staff):
    rencontre = planned(SOON)
    registered(rencontre)
    assert change(staff, rencontre, text="Un autre texte.").status_code == 302
    assert sent() == []
    rencontre.refresh_from_db()
    assert rencontre.ics_sequence == 0


def test_what_is_past_is_corrected_without_a_word(staff):
    rencontre = planned(local(-20, 18))
    registered(rencontre)
    moved(staff, rencontre, local(-21, 18))
    assert sent() == []


def test_who_cannot_be_written_to_is_named_to_the_team_by_their_number(staff):
    rencontre = planned(SOON)
    registered(rencontre, personne=make_personne(confirmed_at=None))
    answer = change(staff, rencontre, **at(SOON + timedelta(days=1)), date_reason="Grève.")
    page = staff.get(answer["Location"]).content.decode()
    assert "1 personne n’a pas d’adresse confirmée" in page


def test_cancelled_it_is_said_once_everywhere(staff):
    rencontre = planned(local(6, 18))
    people = [registered(rencontre), registered(rencontre, state=InscriptionState.WAITING)]
    rappels.remind_due()
    answer = change(staff, rencontre, state=RencontreState.CANCELLED)
    assert "Dites pourquoi elle est annulée" in answer.content.decode()
    said = {"state": RencontreState.CANCELLED, "cancel_reason": "Une grève des trains."}
    assert change(staff, rencontre, **said).status_code == 302
    assert sent() == sorted(one.personne.email for one in people)
    message = mail.outbox[0]
    assert message.subject == f"Annulé\N{NO-BREAK SPACE}: {rencontre.title}"
    assert "Une grève des trains." in message.body
    event = event_of(message)
    assert (event["STATUS"], int(event["SEQUENCE"])) == ("CANCELLED", 1)
    assert Entree.objects.get(kind="rencontre.annulee").facts["raison"] == "Une grève des trains."
    assert swept() == swept(local(5, 8)) == []


def test_there_is_no_way_back_from_a_cancellation(staff):
    rencontre = planned(SOON, state=RencontreState.CANCELLED)
    change(staff, rencontre, state=RencontreState.PUBLISHED)
    rencontre.refresh_from_db()
    assert rencontre.is_cancelled


def test_nobody_who_registered_is_forgotten_in_a_draft(staff):
    rencontre = planned(SOON)
    registered(rencontre)
    answer = change(staff, rencontre, state=RencontreState.DRAFT)
    assert "annulez-la, en disant pourquoi" in answer.content.decode()


def test_the_database_asks_for_the_reason_too():
    rencontre = make_rencontre()
    with pytest.raises(IntegrityError), transaction.atomic():
        Rencontre.objects.filter(pk=rencontre.pk).update(state=RencontreState.CANCELLED)


def test_more_places_on_the_form_go_to_the_line_at_once(staff):
    rencontre = planned(SOON, capacity=1)
    make_inscription(rencontre=rencontre)
    waits = make_inscription(rencontre=rencontre, state=InscriptionState.WAITING)
    assert change(staff, rencontre, capacity=2).status_code == 302
    waits.refresh_from_db()
    assert waits.state == InscriptionState.CONFIRMED
    answer = change(staff, rencontre, capacity=1)
    assert "2 personnes sont déjà confirmées" in answer.content.decode()


def test_a_day_that_gets_its_hour_is_told(staff):
    rencontre = planned(local(20), precision=Precision.DAY)
    registered(rencontre)
    said = at(SOON) | {"precision": Precision.HOUR, "date_reason": "L’heure est fixée."}
    assert change(staff, rencontre, **said).status_code == 302
    sent()
    assert event_of(mail.outbox[0])["DTSTART"].dt == SOON

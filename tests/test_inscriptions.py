"""Registering without an account: asked for by e-mail, taken by the link's button, answered place by place."""

import html
import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from consultation.actions import forgetting
from consultation.actions import inscriptions as actions
from consultation.actions.feuilles import prepare
from consultation.actions.images import say_images
from consultation.actions.inscriptions import Asked
from consultation.actions.presence import refuse_image
from consultation.choices import InscriptionEventKind, InscriptionState, Mode, RencontreState
from consultation.inscription_links import Wish, holder_path, wish_path
from consultation.models import Call, Inscription, InscriptionEvent, Media, Service
from consultation.printing.emargement import data_of
from socle.comptes.models import Personne
from socle.courriels.models import Envoi
from socle.dates import Precision
from tests.factories import (
    local,
    make_animation,
    make_atelier,
    make_demarche,
    make_inscription,
    make_personne,
    make_rencontre,
    make_seance,
    make_user,
)
from tests.staying import make_photo
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db
ALICE = "alice@example.org"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def form_of(rencontre):
    return f"/rencontres/{rencontre.pk}/inscription/"


def key_in(response):
    return re.search(r'name="submission_key" value="([^"]+)"', response.content.decode())[1]


def link_in(message):
    return re.search(r"https?://[^/]+(/inscriptions/\S+)", message.body)[1]


def ask(client, rencontre, email=ALICE, **fields):
    """The link of the mail that the form sends."""
    response = client.post(form_of(rencontre), {"email": email, **fields})
    assert response.status_code == 200, text_of(response)
    (message,) = mails()
    assert message.to == [email]
    return link_in(message)


def take(client, link, **fields):
    """The page where the answer is."""
    response = client.post(link, fields)
    assert response.status_code == 303, text_of(response)
    return client.get(response["Location"])


def events(rencontre):
    rows = InscriptionEvent.objects.filter(inscription__rencontre=rencontre).order_by("pk")
    return list(rows.values_list("inscription__personne__email", "kind"))


# By mail


def test_reading_the_link_takes_nothing_its_button_does_once(client):
    rencontre = make_rencontre(capacity=2, title="Réunion publique à Lens")
    make_inscription(rencontre=rencontre)
    page = text_of(client.get(form_of(rencontre)))
    assert "Une place reste" in page and "votre rang compte à partir de là" in page
    link = ask(client, rencontre)
    shown = text_of(client.get(link))
    assert "Réunion publique à Lens" in shown and "La place est prise quand vous confirmez" in shown
    assert (Inscription.objects.count(), Personne.objects.filter(email=ALICE).exists()) == (1, False)
    for _ in range(2):
        assert "Votre place est confirmée" in text_of(take(client, link))
    assert Inscription.objects.filter(rencontre=rencontre).confirmed().count() == 2
    assert Personne.objects.get(email=ALICE).is_confirmed
    assert events(rencontre) == [(ALICE, InscriptionEventKind.CONFIRMED)]
    (message,) = mails()
    assert "Votre place est confirmée" in message.body and "/inscriptions/" in message.body
    (name, content, mimetype) = message.attachments[0]
    assert (name, mimetype) == ("rendez-vous.ics", "text/calendar") and "BEGIN:VEVENT" in content


def test_the_three_seances_are_answered_one_by_one(client):
    atelier = make_atelier(demarche=make_demarche())
    seances = [make_seance(atelier, capacity=1) for _ in range(3)]
    for _ in range(3):
        actions.register(make_personne(), seances[1].pk)
    mails()
    link = ask(client, seances[2].rencontre, rencontres=[one.pk for one in seances])
    page = text_of(take(client, link, rencontres=[one.pk for one in seances]))
    assert page.count("Votre place est confirmée") == 2
    assert "3e sur la liste d’attente" in page and "Contribuer à distance" in page
    (message,) = mails()
    assert message.subject == "Vos inscriptions à 3 rendez-vous"
    assert message.attachments[0][1].count("BEGIN:VEVENT") == 2, "who waits has nothing in their calendar"


def test_only_the_seances_that_stay_ticked_are_taken(client):
    atelier = make_atelier(demarche=make_demarche())
    first, second, third = (make_seance(atelier) for _ in range(3))
    link = ask(client, first.rencontre, rencontres=[first.pk, third.pk])
    take(client, link, rencontres=[third.pk])
    assert [one.rencontre_id for one in Inscription.objects.all()] == [third.pk]
    other = client.post(link, {"rencontres": [second.pk]})
    assert other.status_code == 422, "a link is good for what it names"
    assert "Cochez au moins un rendez-vous" in text_of(client.post(link, {}))


def test_the_same_form_twice_is_one_mail(client):
    rencontre = make_rencontre()
    key = key_in(client.get(form_of(rencontre)))
    for _ in range(5):
        response = client.post(form_of(rencontre), {"email": ALICE, "submission_key": key})
        assert (response.status_code, "Il reste une chose à faire" in text_of(response)) == (200, True)
    assert Envoi.objects.count() == 1
    client.post(form_of(rencontre), {"email": "alicia@example.org", "submission_key": key})
    assert Envoi.objects.count() == 2, "they went back to correct their address"


def test_an_address_is_written_to_three_times_an_hour(client):
    rencontre = make_rencontre()
    answers = [client.post(form_of(rencontre), {"email": ALICE}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert Envoi.objects.count() == 3


def test_an_old_link_takes_nothing_and_offers_another(client, monkeypatch):
    rencontre = make_rencontre()
    link = ask(client, rencontre)
    monkeypatch.setattr("consultation.inscription_links.CONFIRM_AGE", timedelta(seconds=-1))
    assert "a plus de" in text_of(client.get(link))
    assert "Un courriel part vers la même adresse" in text_of(client.post(link))
    assert not Inscription.objects.exists()
    monkeypatch.undo()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    (message,) = mails()
    assert message.to == [ALICE]
    assert "Votre place est confirmée" in text_of(take(client, link_in(message)))


@pytest.mark.parametrize("forged", ["x", "a:b:c", "é", "eyJhIjoxfQ:1t:x"])
def test_a_link_that_is_not_ours_is_nothing(client, forged):
    for address in (f"/inscriptions/confirmer/{forged}/", f"/inscriptions/{forged}/"):
        assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)


def test_one_kind_of_link_does_not_open_the_other(client):
    personne, rencontre = make_personne(), make_rencontre()
    signed = wish_path(Wish((rencontre.pk,), personne_pk=personne.pk)).split("/")[-2]
    assert client.get(f"/inscriptions/{signed}/").status_code == 404
    holder = holder_path(personne.pk).split("/")[-2]
    assert client.post(f"/inscriptions/confirmer/{holder}/").status_code == 404


@pytest.mark.parametrize("typed", ["", "pas une adresse", "a@b", "é" * 300, "x\0"])
def test_a_wrong_address_is_shown_again(client, typed):
    rencontre = make_rencontre()
    response = client.post(form_of(rencontre), {"email": typed})
    assert response.status_code == 422
    assert not Envoi.objects.exists()


def test_extra_fields_change_nothing(client):
    rencontre = make_rencontre(capacity=0)
    link = ask(client, rencontre, state="confirmee", personne=1)
    take(client, link, state="confirmee", sur_place="on", attended_at="2011-01-01", created_at="2011-01-01")
    inscription = Inscription.objects.get()
    assert (inscription.state, inscription.sur_place, inscription.attended_at) == ("en_attente", False, None)
    assert inscription.created_at > timezone.now() - timedelta(minutes=5)


def test_a_post_wants_its_token():
    client, personne, rencontre = Client(enforce_csrf_checks=True), make_personne(), make_rencontre()
    inscription = make_inscription(personne=personne, rencontre=rencontre)
    response = client.post(form_of(rencontre), {"email": ALICE})
    assert response.status_code == 403 and ALICE in response.content.decode(), "what was typed is kept"
    other = make_rencontre()
    assert client.post(wish_path(Wish((other.pk,), personne_pk=personne.pk))).status_code == 403
    assert client.post(holder_path(personne.pk), {"rendre": inscription.pk}).status_code == 403
    assert [one.state for one in Inscription.objects.all()] == [InscriptionState.CONFIRMED]


# With an account


def test_a_confirmed_account_takes_its_place_without_a_mail(client):
    personne, rencontre = make_personne(), make_rencontre()
    client.force_login(make_user(personne=personne))
    assert "Confirmer mon inscription" in text_of(client.get(form_of(rencontre)))
    assert not Inscription.objects.exists()
    assert "Votre place est confirmée" in text_of(take(client, form_of(rencontre)))
    assert Inscription.objects.get().personne == personne


def test_an_account_whose_address_is_not_confirmed_goes_by_mail(client):
    rencontre = make_rencontre()
    client.force_login(make_user(personne=make_personne(email=ALICE, confirmed_at=None)))
    link = ask(client, rencontre)
    assert not Inscription.objects.exists()
    take(client, link)
    assert Inscription.objects.get().personne.is_confirmed


# What cannot be registered for


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": RencontreState.CANCELLED}, "est annulé"),
        ({"starts_at": local(-1)}, "est passé"),
        ({"takes_inscriptions": False}, "sans s’inscrire"),
        ({"inscriptions_close_at": local(-1)}, "sont closes"),
    ],
)
def test_why_one_cannot_register(client, fields, sentence):
    rencontre, personne = make_rencontre(**fields), make_personne()
    assert "S’inscrire" not in text_of(client.get(rencontre.get_absolute_url()))
    for address in (form_of(rencontre), wish_path(Wish((rencontre.pk,), personne_pk=personne.pk))):
        page = client.get(address)
        assert (page.status_code, sentence in text_of(page)) == (200, True)
        assert client.post(address, {"email": ALICE}).status_code == 409
    assert not Inscription.objects.exists() and not Envoi.objects.exists()


def test_a_draft_is_nowhere(client):
    rencontre = make_rencontre(state=RencontreState.DRAFT)
    assert client.get(form_of(rencontre)).status_code == 404


def test_the_closing_instant_is_closed():
    closes = local(1, 12)
    rencontre = make_rencontre(inscriptions_close_at=closes)
    moments = (closes - timedelta(seconds=1), closes, closes + timedelta(seconds=1))
    assert [rencontre.takes_names(at) for at in moments] == [True, False, False]


def test_without_a_day_one_registers_and_is_told_so(client):
    rencontre = make_rencontre(precision=Precision.MONTH, starts_at=local(60))
    assert "Le jour n’est pas encore fixé" in text_of(client.get(form_of(rencontre)))
    assert "L’horaire est à préciser" in text_of(client.get(form_of(make_rencontre(precision=Precision.DAY))))
    take(client, ask(client, rencontre))
    (message,) = mails()
    assert [one.mimetype for one in message.attachments] == ["image/png"], "a code for the door, and no calendar"
    assert "jour et horaire à préciser" in message.body


# What one asks for


def test_needs_and_phone_are_asked_of_the_reader_of_the_mail_and_repeated(client):
    offered, withdrawn = Service.objects.create(label="Boucle magnétique"), Service.objects.create(label="Navette")
    rencontre = make_rencontre(mode=Mode.BOTH)
    rencontre.services.add(offered)
    page = text_of(client.get(form_of(rencontre)))
    assert "Boucle magnétique" in page and "Navette" not in page
    link = ask(client, rencontre)
    said = {"presence": "distance", "phone": "06 12 34 56 78", "services": [offered.pk]}
    assert client.post(link, said | {"services": [withdrawn.pk]}).status_code == 422
    assert client.post(link, said | {"phone": "appelez-moi"}).status_code == 422
    page = text_of(take(client, link, **said))
    assert "Boucle magnétique" in page and "06 12 34 56 78" in page and "à distance" in page
    (message,) = mails()
    assert "Boucle magnétique" in message.body and "06 12 34 56 78" in message.body and "À distance" in message.body
    assert html.escape("06 12 34 56 78") in client.get(link).content.decode(), "what was said is in the form"


def test_needs_and_phone_are_erased_seven_days_after():
    service = Service.objects.create(label="Garde d’enfants")
    rencontre = make_rencontre(starts_at=local(3, 18), precision=Precision.HOUR, ends_at=local(3, 20))
    rencontre.services.add(service)
    actions.register(make_personne(), rencontre.pk, Asked(phone="0612345678", service_pks=frozenset({service.pk})))
    Call.objects.create(inscription=Inscription.objects.get(), by=make_user(is_staff=True), reached=True)
    day_before, after = local(10, 19), local(10, 20) + timedelta(seconds=1)
    assert [forgetting.forget_needs(at) for at in (day_before, after, after)] == [0, 1, 0]
    inscription = Inscription.objects.get()
    assert (inscription.phone, list(inscription.services.all()), Call.objects.count()) == ("", [], 0)


def test_consent_to_images_is_never_needed_dated_kept_withdrawn_and_told_to_who_publishes(client):
    """Issue 5, point 7; a person, whoever organises the evening, and what stays once they are gone."""
    seance = make_seance(starts_at=local(hour=0), precision=Precision.DAY)
    rencontre, team = seance.rencontre, Client()
    by = make_animation(atelier=seance.atelier).user
    team.force_login(by)
    desk = f"/admin/consultation/rencontre/{rencontre.pk}/"
    silent, agreeing = make_personne(), make_personne(email="bea@example.org")
    links = [wish_path(Wish((rencontre.pk,), personne_pk=one.pk)) for one in (silent, agreeing)]
    page = client.get(links[0]).content.decode()
    assert 'name="images"' in page and "checked" not in page.split('name="images"')[1].split(">")[0]
    assert "consentement (RGPD, article" in text_of(client.get(links[0]))
    assert "vous n’avez pas donné d’accord" in text_of(take(client, links[0]))
    assert "vous avez accepté le" in text_of(take(client, links[1], images="on"))
    mine = Inscription.objects.get(personne=agreeing)
    assert mine.is_confirmed and Inscription.objects.get(personne=silent).image_agreed_at is None

    # Said twice it keeps its date, and the form that changes the rest shows it ticked.
    first = mine.image_agreed_at
    client.post(holder_path(agreeing.pk), {"images": mine.pk})
    assert Inscription.objects.get(pk=mine.pk).image_agreed_at == first
    assert "checked" in client.get(links[1]).content.decode().split('name="images"')[1].split(">")[0]
    assert client.post(holder_path(silent.pk), {"sans-images": mine.pk}).status_code == 404, "nobody else's"

    media = make_photo(rencontre)
    Media.objects.update(rights_checked_at=local(-1))  # the clock of the database stands still in a test
    assert "1 personne a accepté" in text_of(team.get(f"{desk}images/"))
    assert "accord photo" in text_of(team.get(f"{desk}arrivees/"))
    assert [line["image"] for line in data_of(prepare(rencontre.pk, by))["holders"]] == [True, False]
    client.post(holder_path(agreeing.pk), {"sans-images": mine.pk})
    mine.refresh_from_db()
    kinds = list(mine.events.order_by("pk").values_list("kind", flat=True))
    assert mine.image_agreed_at is None and mine.is_confirmed
    assert kinds == [
        InscriptionEventKind.CONFIRMED,
        InscriptionEventKind.IMAGE_AGREED,
        InscriptionEventKind.IMAGE_WITHDRAWN,
    ]
    said = text_of(team.get(f"{desk}images/"))
    assert "Personne n’a accepté" in said and f"{mine.code}. Retirez les images" in said
    assert [(one.to, mine.code in one.body) for one in mails() if "accord" in one.subject] == [([by.email], True)]
    team.post(f"{desk}images/{media.pk}/", {"faire": "retirer"})
    assert "Retirez les images" not in text_of(team.get(f"{desk}images/"))


def test_nobody_agrees_and_refuses_at_once_whoever_writes():
    mine = make_inscription(image_agreed_at=timezone.now())
    with pytest.raises(IntegrityError, match="inscription_image_agreed_or_refused"), transaction.atomic():
        Inscription.objects.filter(pk=mine.pk).update(image_refused=True)
    by = make_user(is_staff=True)
    refuse_image(mine.rencontre_id, mine.pk, by, refused=True)
    mine.refresh_from_db()
    assert (mine.image_refused, mine.image_agreed_at) == (True, None)
    say_images(mine, agreed=True)
    assert not mine.image_refused and mine.image_agreed_at
    refuse_image(mine.rencontre_id, mine.pk, by, refused=True)
    unproved = make_inscription(personne=make_personne(confirmed_at=None), rencontre=mine.rencontre)
    refuse_image(mine.rencontre_id, unproved.pk, by, refused=True)
    (told,) = mails()
    assert (told.to, "votre refus est noté" in told.subject) == ([mine.personne.email], True), (
        "once, at a proved address"
    )
    assert "L’accord que vous aviez donné a pris fin." in told.body and holder_path(mine.personne_id) in told.body

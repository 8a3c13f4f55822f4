"""Contributing without an account."""

import re
import threading
import uuid
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from consultation import limits
from consultation.choices import ContributionState, Moderation
from consultation.models import Contribution
from socle.comptes.models import Personne
from tests.factories import (
    archived,
    make_college,
    make_commune,
    make_demarche,
    make_enjeu,
    make_personne,
    make_theme,
    make_user,
)
from tests.undoing import undone
from tests.writing import FORM, SAID, contribute, follow, key_of, link_in, mails, number, send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche()


# What is sent, and what is kept of it


def test_a_contribution_is_received_with_all_that_was_said(client, demarche):
    theme, enjeu, college = make_theme(), make_enjeu(), make_college(label="Lycée")
    commune = make_commune(name="Étaples")
    contribution = contribute(
        client,
        theme=str(theme.rank),
        enjeux=[str(enjeu.rank)],
        display="nom",
        author_name="Alice Martin",
        speaks_as="organisation",
        organisation="Les Amis du bus",
        function="présidente",
        college=str(college.rank),
        commune_name="etaples",
    )
    assert (contribution.theme, list(contribution.enjeux.all())) == (theme, [enjeu])
    assert contribution.signature == "Alice Martin, présidente, Les Amis du bus"
    assert (contribution.college, contribution.commune, contribution.commune_name) == (college, commune, "Étaples")
    assert contribution.state == ContributionState.WAITING
    assert contribution.published_at is None


def test_the_receipt_shows_the_number_and_can_be_read_again(client, demarche):
    response = send(client)
    shown = client.get(response.url)
    contribution = Contribution.objects.get()
    assert number(contribution) in text_of(shown)
    assert number(contribution) not in response.url
    assert client.get(response.url).status_code == 200
    assert shown["Cache-Control"] == "private, no-store"
    assert shown["Referrer-Policy"] == "same-origin"


def test_the_number_is_kept_as_a_fingerprint_only(client, demarche):
    contribution = contribute(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM consultation_contribution c")
        (row,) = cursor.fetchone()
    assert number(contribution) not in row
    assert number(contribution).replace("-", "") not in row


def test_anonymous_is_the_default_and_a_name_not_asked_for_is_not_kept(client, demarche):
    assert '<input type="radio" class="form-check-input"  name="display" value="anonyme"' in client.get(
        FORM
    ).content.decode().replace(" checked", "")
    contribution = contribute(client, author_name="Alice", organisation="Les Amis", function="présidente")
    assert (contribution.author_name, contribution.organisation, contribution.function) == ("", "", "")
    assert contribution.signature == "Anonyme"


def test_extra_fields_are_ignored(client, demarche):
    contribution = contribute(
        client,
        state="publiee",
        published_at="2020-01-01",
        origine="papier",
        personne="1",
        demarche="999",
        example="on",
        place_label="Ailleurs",
        tracking_hash="x",
        is_staff="on",
    )
    assert (contribution.state, contribution.published_at) == (ContributionState.WAITING, None)
    assert (contribution.origine, contribution.personne, contribution.demarche) == ("en_ligne", None, demarche)
    assert (contribution.example, contribution.place_label) == (False, "")


def test_a_link_from_a_question_ticks_it(client, demarche):
    make_theme()
    second = make_theme()
    page = client.get(f"{FORM}?theme={second.rank}").content.decode()
    assert re.search(r'name="theme" value="2"[^>]*checked', page)


@pytest.mark.parametrize("asked", ["99", "abc", "%3Cscript%3E", "-1", "1" * 400])
def test_a_link_to_no_question_ticks_none(client, demarche, asked):
    make_theme()
    response = client.get(f"{FORM}?theme={asked}")
    assert response.status_code == 200
    assert not re.search(r'name="theme"[^>]*checked', response.content.decode())


# Mistakes


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"title": ""}, "id_title", "Donnez un titre"),
        ({"title": "a" * 161}, "id_title", "Ce titre compte 161 signes"),
        ({"body": " \u200b\n"}, "id_body", "Écrivez votre texte"),
        ({"body": "a" * 10_001}, "id_body", "Ce texte compte 10001 signes"),
        ({"theme": ""}, "id_theme_0", "Choisissez une question"),
        ({"theme": "12"}, "id_theme_0", "n’est plus ouverte"),
        ({"nature": "insulte"}, "id_nature_0", "réponses proposées"),
        ({"display": "nom"}, "id_author_name", "Indiquez le nom à afficher"),
        ({"speaks_as": "organisation"}, "id_organisation", "quelle organisation"),
        ({"email": "alice@"}, "id_email", "incomplète ou mal écrite"),
        ({"precisions": "robot"}, "id_precisions", "Laissez cette ligne vide"),
    ],
)
def test_a_mistake_leads_to_its_field_and_loses_nothing(client, demarche, fields, field, sentence):
    typed = {"author_name": "", "organisation": "Les Amis", "commune_name": "Lens", "email": "a@example.org"}
    if "organisation" in str(fields.get("speaks_as")):
        typed["organisation"] = ""
    key = key_of(client)
    response = client.post(FORM, SAID | typed | {"submission_key": key} | fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert f'href="#{field}"' in page
    assert f'id="{field}"' in page
    assert sentence in text_of(response)
    for kept in (SAID | typed | fields).values():
        if len(kept.strip()) > 10:
            assert kept in text_of(response)
    assert key in page
    assert not Contribution.objects.exists()


def test_a_field_in_error_is_told_to_a_screen_reader(client, demarche):
    page = send(client, title="").content.decode()
    tag = re.search(r'<input[^>]*name="title"[^>]*>', page)[0]
    assert 'aria-invalid="true"' in tag
    described = re.search(r'aria-describedby="([^"]+)"', tag)[1].split()
    assert all(f'id="{name}"' in page for name in described)
    assert "id_title_error" in described


def test_no_field_cuts_what_is_pasted(client, demarche):
    assert "maxlength" not in client.get(FORM).content.decode()


# The commune


def test_communes_of_one_name_are_offered_on_the_error_page(client, demarche):
    north, _ = make_commune(name="Thun", departement="59"), make_commune(name="Thun", departement="62")
    response = send(client, commune_name="Thun")
    assert response.status_code == 422
    assert "Thun (59)" in text_of(response)
    assert "Thun (62)" in text_of(response)
    assert contribute(client, commune_name="Thun", commune_code=north.pk).commune == north
    assert contribute(client, commune_name="Thun", commune_code="aucune").commune is None
    assert contribute(client, commune_name="Thun (62)").commune.departement == "62"


def test_a_place_of_elsewhere_is_welcome(client, demarche):
    contribution = contribute(client, commune_name="Tournai (Belgique)")
    assert (contribution.commune, contribution.commune_name) == (None, "Tournai (Belgique)")


def test_suggestions_are_ten_at_most_and_public(client):
    for number_ in range(12):
        make_commune(name=f"Saint-Omer {number_}")
    response = client.get("/communes.json?q=saint o")
    assert len(response.json()["communes"]) == 10
    assert "no-cache" in response["Cache-Control"]
    assert client.get("/communes.json?q=s").json() == {"communes": []}
    assert client.get("/communes.json?q=%25%25").json() == {"communes": []}


# When it is open


def test_before_the_opening_the_page_says_when(client, demarche):
    opens = timezone.now() + timedelta(days=2)
    type(demarche).objects.update(contributions_open_at=opens)
    response = client.get(FORM)
    assert response.status_code == 200
    assert "pas encore ouvertes" in text_of(response)
    assert "<form" not in response.content.decode()


def test_after_the_closing_the_page_says_since_when_and_what_one_can_do(client, demarche):
    type(demarche).objects.update(contributions_close_at=timezone.now() - timedelta(seconds=1))
    response = client.get(FORM)
    assert "Les contributions sont closes" in text_of(response)
    assert "/suivi/" in response.content.decode()


def test_closed_while_writing_nothing_typed_is_lost(client, demarche):
    key = key_of(client)
    type(demarche).objects.update(contributions_close_at=timezone.now() - timedelta(seconds=1))
    response = client.post(FORM, SAID | {"submission_key": key})
    assert response.status_code == 409
    assert SAID["body"] in text_of(response)
    assert SAID["title"] in text_of(response)
    assert not Contribution.objects.exists()


def test_a_question_outside_its_window_is_not_offered(client, demarche):
    now = timezone.now()
    make_theme(question="Ouverte ?")
    make_theme(question="Close ?", contributions_close_at=now - timedelta(seconds=1))
    make_theme(question="À venir ?", contributions_open_at=now + timedelta(days=1))
    page = text_of(client.get(FORM))
    assert "Ouverte ?" in page
    assert "Close ?" not in page
    assert "À venir ?" not in page
    assert send(client, theme="2").status_code == 422


def test_an_archived_demarche_takes_nothing(client, demarche):
    archived(demarche)
    assert "<form" not in client.get(FORM).content.decode()
    assert client.post(FORM, SAID).status_code == 409
    assert not Contribution.objects.exists()


def test_without_a_demarche_there_is_no_form(client):
    response = client.get(FORM)
    assert response.status_code == 200
    assert "Aucune consultation n’est en cours" in text_of(response)
    assert "<form" not in response.content.decode()


# Twice


def test_the_form_sent_twice_gives_one_row_and_the_same_receipt(client, demarche):
    key = key_of(client)
    first = client.post(FORM, SAID | {"submission_key": key})
    again = client.post(FORM, SAID | {"submission_key": key, "title": "Autre chose"})
    assert first.status_code == again.status_code == 303
    contribution = Contribution.objects.get()
    assert contribution.title == SAID["title"]
    for response in (first, again):
        assert number(contribution) in text_of(client.get(response.url))


def test_the_form_sent_again_a_day_later_once_closed_gives_the_same_receipt(client, demarche):
    key = key_of(client)
    client.post(FORM, SAID | {"submission_key": key})
    type(demarche).objects.update(contributions_close_at=timezone.now() - timedelta(seconds=1))
    again = client.post(FORM, SAID | {"submission_key": key})
    assert number(Contribution.objects.get()) in text_of(client.get(again.url))


@pytest.mark.django_db(transaction=True)
def test_the_form_sent_several_times_at_once_gives_one_row_and_one_mail():
    make_demarche()
    said = SAID | {"submission_key": str(uuid.uuid4()), "email": "alice@example.org"}
    answers, start = [], threading.Barrier(6)

    def post():
        start.wait()
        answers.append(Client().post(FORM, said))
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [303] * 6
    contribution = Contribution.objects.get()
    assert all(number(contribution) in text_of(Client().get(answer.url)) for answer in answers)
    assert len(mails()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_spellings_of_one_address_at_once_are_one_personne():
    make_demarche()
    start = threading.Barrier(2)

    def post(email):
        start.wait()
        Client().post(FORM, SAID | {"submission_key": str(uuid.uuid4()), "email": email})
        connection.close()

    threads = [threading.Thread(target=post, args=[email]) for email in ("Alice@Example.org", "alice@example.ORG")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Contribution.objects.count() == 2
    assert Personne.objects.count() == 1


# The address


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_with_an_address_it_waits_for_the_mail_known_or_not(client, known):
    make_demarche()
    if known:
        make_personne(email="alice@example.org")
    response = send(client, email="alice@example.org")
    contribution = Contribution.objects.get()
    assert contribution.state == ContributionState.TO_CONFIRM
    assert "alice@example.org" in text_of(client.get(response.url))
    (message,) = mails()
    assert message.to == ["alice@example.org"]
    assert message.subject == "Confirmez votre contribution sur Participons"
    html = message.alternatives[0].content
    for word in (SAID["title"], SAID["body"], number(contribution), number(contribution).replace("-", "")):
        assert word not in message.body + html


def test_the_page_is_the_same_for_a_known_and_an_unknown_address(client, demarche):
    make_personne(email="connue@example.org")
    pages = []
    for email in ("connue@example.org", "neuve00@example.org"):
        response = send(client, email=email)
        contribution = Contribution.objects.order_by("pk").last()
        page = text_of(client.get(response.url)) + text_of(client.get(follow(contribution)))
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
        page = re.sub(r"\d+ h( \d\d)?|datetime=\"[^\"]+\"", "", page)
        page = page.replace(contribution.submission_key.hex, "key")
        pages.append(page.replace(email, "@").replace(number(contribution), "#"))
    assert pages[0] == pages[1]


@pytest.mark.django_db(transaction=True)
def test_the_link_confirms_by_post_only_and_once(client):
    make_demarche()
    contribution = contribute(client, email="alice@example.org")
    path = link_in(mails()[0])
    for _ in range(2):
        assert "Oui, c’est bien moi" in text_of(client.get(path))
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.TO_CONFIRM
    assert not contribution.personne.is_confirmed
    assert "C’est confirmé" in text_of(client.post(path))
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.WAITING
    assert contribution.personne.is_confirmed
    assert "déjà confirmé" in text_of(client.post(path))
    assert "déjà confirmé" in text_of(client.get(path))
    assert contribution.decisions.count() == 1


@pytest.mark.django_db(transaction=True)
def test_where_moderation_comes_after_confirming_publishes(client):
    make_demarche(moderation=Moderation.AFTER)
    contribution = contribute(client, email="alice@example.org")
    client.post(link_in(mails()[0]))
    contribution.refresh_from_db()
    assert contribution.is_published
    (message,) = mails()
    assert message.subject == f"Votre contribution {contribution.reference} est publiée"


def test_where_moderation_comes_after_no_address_still_waits(client):
    make_demarche(moderation=Moderation.AFTER)
    assert contribute(client).state == ContributionState.WAITING


@pytest.mark.django_db(transaction=True)
def test_an_expired_link_offers_a_new_one(client, monkeypatch):
    make_demarche()
    contribution = contribute(client, email="alice@example.org")
    path = link_in(mails()[0])
    with monkeypatch.context() as late:
        late.setattr("consultation.links.CONFIRM_AGE", timedelta(seconds=-1))
        page = client.get(path)
        assert page.status_code == 410
        assert "nouveau lien" in text_of(page)
        assert "part à l’instant" in text_of(client.post(path))
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.TO_CONFIRM
    fresh = link_in(mails()[0])
    assert "C’est confirmé" in text_of(client.post(fresh))


@pytest.mark.parametrize("signed", ["abc", "WzEsMV0:1abc:def", "é", "a" * 500, "....", "%0d%0a"])
def test_a_forged_link_is_refused_with_help(client, demarche, signed):
    contribute(client, email="alice@example.org")
    response = client.post(f"/contributions/confirmer/{signed}/")
    assert response.status_code == 404
    assert "/suivi/" in response.content.decode()
    assert Contribution.objects.get().state == ContributionState.TO_CONFIRM


def test_a_receipt_does_not_confirm_and_a_link_is_no_receipt(client, demarche):
    receipt = send(client, email="alice@example.org").url
    signed = receipt.rstrip("/").rsplit("/", 1)[1]
    assert client.post(f"/contributions/confirmer/{signed}/").status_code == 404
    assert client.get("/contributions/recu/WzEsMV0:1abc:def/").status_code == 404


def test_an_account_with_a_proved_address_confirms_nothing(client, demarche):
    personne = make_personne(email="alice@example.org")
    client.force_login(make_user(email="alice@example.org", personne=personne))
    contribution = contribute(client, email="Alice@example.org")
    assert contribution.state == ContributionState.WAITING
    assert contribution.personne == personne
    assert contribute(client, email="bob@example.org").state == ContributionState.TO_CONFIRM


def test_a_fourth_mail_in_an_hour_does_not_leave_and_the_page_says_so(client, demarche):
    for _ in range(3):
        contribute(client, email="alice@example.org")
    response = send(client, email="ALICE@example.org")
    page = text_of(client.get(response.url))
    assert "n’est pas parti" in page
    assert Contribution.objects.count() == 4


# Limits, and what is never lost


def test_without_an_address_the_limit_is_lower_and_the_text_stays(client, demarche):
    for _ in range(limits.WITHOUT_EMAIL.count):
        contribute(client)
    response = send(client)
    assert response.status_code == 429
    assert SAID["body"] in text_of(response)
    assert contribute(client, email="alice@example.org").pk


def test_a_second_click_and_a_mistake_count_for_nothing(client, demarche):
    key = key_of(client)
    for _ in range(limits.WITHOUT_EMAIL.count + 3):
        assert client.post(FORM, SAID | {"submission_key": key}).status_code == 303
        assert send(client, title="").status_code == 422
    assert contribute(client).pk


def test_a_form_without_its_token_shows_what_was_typed_again(demarche):
    client = Client(enforce_csrf_checks=True)
    response = client.post(FORM, SAID | {"submission_key": str(uuid.uuid4()), "title": "Un <b>titre</b>"})
    assert response.status_code == 403
    assert SAID["body"] in text_of(response)
    assert "<b>titre" not in response.content.decode()
    assert not Contribution.objects.exists()
    page = response.content.decode()
    fresh = {
        name: re.search(f'name="{name}" value="([^"]+)"', page)[1] for name in ("csrfmiddlewaretoken", "submission_key")
    }
    assert client.post(FORM, SAID | fresh).status_code == 303


@pytest.mark.parametrize("path", ["/suivi/", "/suivi/2222-2222-2222/", "/contributions/confirmer/x/"])
def test_every_other_form_wants_its_token_too(demarche, path):
    assert Client(enforce_csrf_checks=True).post(path, {}).status_code == 403


def test_a_body_beyond_the_limit_is_refused(client, demarche):
    assert client.post(FORM, SAID | {"body": "a" * 1_100_000}).status_code == 413


# Hostile text on every field

TEXTS = {
    "script": "<script>alert(1)</script>",
    "svg": '"><svg onload=alert(1)>',
    "formula": '=HYPERLINK("http://x","y")',
    "crlf": "Bonjour\r\nBcc: victime@example.org",
    "nul": "a\0b",
    "surrogate": "\ud800 seule",
    "template": "{{ 7|add:7 }}{% now 'Y' %}%(limit_value)s",
    "huge": "é" * 50_000,
}
FIELDS = [
    *SAID,
    "enjeux",
    "author_name",
    "organisation",
    "function",
    "college",
    "commune_name",
    "commune_code",
    "email",
    "precisions",
    "submission_key",
]


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_never_breaks_nor_escapes(client, demarche, name):
    make_enjeu()
    make_college()
    for field in FIELDS:
        with undone():
            write(client, field, name)


def write(client, field, name):
    body = "&".join(
        f"{key}={_quoted(value)}"
        for key, value in (SAID | {"display": "nom", "author_name": "A"} | {field: TEXTS[name]}).items()
    )
    response = client.post(FORM, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (303, 422), field
    page = client.get(response.url) if response.status_code == 303 else response
    assert page.status_code in (200, 422), field
    pages = [page]
    if contribution := Contribution.objects.first():
        pages.append(client.get(follow(contribution)))
    for shown in pages:
        content = shown.content.decode()
        assert "<script>alert" not in content, field
        assert "<svg onload" not in content, field
        assert "\0" not in content, field
        if name == "template" and field == "title":
            assert "{{ 7|add:7 }}" in text_of(shown)


def _quoted(value: str) -> str:
    return quote(value, safe="", errors="surrogatepass")

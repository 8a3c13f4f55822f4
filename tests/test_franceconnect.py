"""FranceConnect v2, against a provider that signs: who is let in, what is kept, and a page for all that goes wrong."""

import json
import re
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import Resolver404, resolve

from socle.comptes.models import Personne, User
from socle.courriels.models import Envoi
from socle.franceconnect import actions, keys, passing
from socle.franceconnect.problems import Problem
from socle.limiter.actions import Limit
from tests import urls_franceconnect  # noqa: F401 (the map of the others is made before these settings)
from tests.entering import CODE, code_for, enter, type_code, who
from tests.factories import make_demarche, make_user
from tests.franceconnect_stub import CLIENT, SECRET, SUB, Key, Stub
from tests.writing import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.urls_franceconnect")]
ALICE = "alice@example.org"
LEAVE, BACK, JOIN = "/compte/franceconnect/", "/compte/franceconnect/retour/", "/compte/franceconnect/joindre/"
OUT, PART = "/compte/franceconnect/sortie/", "/compte/franceconnect/oter/"


@pytest.fixture(scope="module")
def provider():
    stub = Stub()
    yield stub
    stub.close()


@pytest.fixture(autouse=True)
def stub(provider, settings, monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    provider.renew()
    provider.key = Key("premiere")
    provider.published = [provider.key]
    keys.forget()
    settings.FRANCECONNECT, settings.FRANCECONNECT_URL = True, provider.url
    settings.FRANCECONNECT_CLIENT_ID, settings.FRANCECONNECT_CLIENT_SECRET = CLIENT, SECRET
    make_demarche()
    return provider


def leave(client, stub, onward=""):
    """What was asked of FranceConnect; the provider remembers the nonce, as it must."""
    answer = client.post(LEAVE, {"next": onward})
    assert answer.status_code == 302, answer.content
    asked = {name: value[0] for name, value in parse_qs(urlsplit(answer["Location"]).query).items()}
    stub.nonce = asked["nonce"]
    return asked


def come_back(client, stub, onward="", **changes):
    state = leave(client, stub, onward)["state"]
    return client.get(BACK, {"state": state, "code": "un-code"} | changes)


def refused(answer, problem):
    assert answer.status_code == problem.status, answer.content.decode()
    assert problem.title in answer.content.decode()
    assert "entrez par un code" in text_of(answer)
    assert answer["Cache-Control"] == "private, no-store"


# The way there and back


def test_what_is_asked_is_what_franceconnect_wants_and_no_identity(client, stub):
    asked = leave(client, stub)
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": f"http://localhost:8000{BACK}",
        "scope": "openid email",
        "acr_values": "eidas1",
        "state": asked["state"],
        "nonce": asked["nonce"],
    }
    assert len(asked["state"]) > 40 and len(asked["nonce"]) > 40 and asked["state"] != asked["nonce"]
    assert leave(client, stub)["state"] != asked["state"]


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_whoever_is_known_by_their_sub_is_let_in(client, stub, alg):
    stub.key = Key("cle", alg)
    stub.published = [stub.key]
    user = make_user(email="bob@example.org")
    actions.join(user, SUB)
    answer = come_back(client, stub, onward="/suivi/")
    assert (answer.status_code, answer["Location"], who(client)) == (302, "/suivi/", str(user.pk))
    (token,) = [form for name, form in stub.asked if name == "token"]
    assert (token["client_secret"], token["code"], token["grant_type"]) == (
        [SECRET],
        ["un-code"],
        ["authorization_code"],
    )
    assert ("userinfo", {"authorization": ["Bearer un-jeton"]}) in stub.asked
    assert User.objects.get(pk=user.pk).email == "bob@example.org", "the address of the account stays its own"


def test_a_new_person_proves_the_address_then_says_yes_and_nothing_else_is_kept(client, stub):
    assert come_back(client, stub, onward="/suivi/")["Location"] == CODE
    assert (User.objects.count(), Personne.objects.count(), who(client)) == (0, 0, None)
    assert type_code(client, code_for(ALICE))["Location"] == JOIN
    assert SocialAccount.objects.count() == 0, "not before they say yes"
    assert "Joindre FranceConnect" in text_of(client.get(JOIN))
    assert client.post(JOIN, {"joindre": "oui"})["Location"] == "/suivi/"
    kept = SocialAccount.objects.get()
    assert (kept.provider, kept.uid, kept.extra_data, kept.user.email) == ("franceconnect", SUB, {}, ALICE)
    assert not [word for word in ("Martin", "1990") if word in str(dict(client.session.items()))]
    assert "Martin" not in str(list(Envoi.objects.values_list("subject", "body_text")))
    client.logout()
    assert come_back(client, stub)["Location"] == "/mon-espace/"
    assert who(client) == str(kept.user.pk)


def test_an_account_of_the_same_address_is_not_opened_without_its_code(client, stub):
    """An address that FranceConnect says proves nothing here."""
    user = make_user(email=ALICE)
    come_back(client, stub)
    assert who(client) is None and SocialAccount.objects.count() == 0
    assert type_code(client, "0000 0000").status_code == 422
    assert client.get(JOIN).status_code == 302
    assert client.post(JOIN, {"joindre": "oui"}).status_code == 302
    assert SocialAccount.objects.count() == 0
    type_code(client, code_for(ALICE))
    assert who(client) == str(user.pk)
    client.post(JOIN, {"non": "oui"})
    assert SocialAccount.objects.count() == 0
    assert client.get(JOIN)["Location"] == "/compte/", "asked once"


@pytest.mark.parametrize(
    "email", [None, "", "pas une adresse", "a" * 300 + "@example.org", ["x"], "a@b.c\r\nBcc: d@e.f"]
)
def test_without_an_address_they_give_one(client, stub, email):
    stub.person = {"email": email}
    answer = come_back(client, stub)
    assert answer["Location"] == f"/compte/creer/?next={JOIN.replace('/', '%2F')}"
    assert "n’a pas donné d’adresse" in text_of(client.get(answer["Location"]))
    assert Envoi.objects.count() == 0


def test_whoever_is_in_joins_it_to_their_account_and_takes_it_off(client, stub):
    make_user(email="bob@example.org")
    enter(client, "bob@example.org")
    assert "franceconnect-button" in client.get("/compte/").content.decode()
    assert come_back(client, stub)["Location"] == JOIN
    assert ALICE in text_of(client.get(JOIN)) and "garde la sienne" in text_of(client.get(JOIN))
    client.post(JOIN, {"joindre": "oui"})
    assert SocialAccount.objects.get().user.email == "bob@example.org"
    assert "Ne plus utiliser FranceConnect" in text_of(client.get("/compte/"))
    client.post(PART)
    assert SocialAccount.objects.count() == 0
    said = list(Envoi.objects.filter(to="bob@example.org").order_by("pk").values_list("body_text", flat=True))
    assert "FranceConnect ouvre" in said[-2] and "n’ouvre plus" in said[-1]


def test_an_identity_of_another_account_stays_its_own(client, stub):
    actions.join(make_user(email="carole@example.org"), SUB)
    make_user(email="bob@example.org")
    enter(client, "bob@example.org")
    refused(come_back(client, stub), Problem.ELSEWHERE)
    assert SocialAccount.objects.get().user.email == "carole@example.org"


def test_a_closed_account_does_not_open(client, stub):
    actions.join(make_user(email=ALICE, is_active=False), SUB)
    assert come_back(client, stub)["Location"] == "/compte/desactive/"
    assert who(client) is None


# What is not believed


def test_a_state_serves_once_in_the_browser_that_left(client, stub):
    actions.join(make_user(email=ALICE), SUB)
    state = leave(client, stub)["state"]
    for browser, said in ((Client(), state), (client, "x" * 43), (client, state)):
        refused(browser.get(BACK, {"state": said, "code": "un-code"}), Problem.STALE)
    assert not [name for name, _ in stub.asked if name == "token"], "nothing was even asked"
    assert who(client) is None


def test_a_passage_that_lasted_too_long_is_over(client, stub, monkeypatch):
    state = leave(client, stub)["state"]
    later = time.time() + passing.AGE + 1
    monkeypatch.setattr("socle.franceconnect.passing.time.time", lambda: later)
    refused(client.get(BACK, {"state": state, "code": "un-code"}), Problem.STALE)


PAST = int(time.time()) - 3600
CLAIMS = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "another site": {"aud": "autre"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "over": {"exp": PAST},
    "no end": {"exp": None},
    "issued tomorrow": {"iat": PAST + 90000},
    "another level": {"acr": "eidas0"},
    "no level": {"acr": None},
    "no sub": {"sub": None},
    "an empty sub": {"sub": ""},
    "a sub too long": {"sub": "x" * 200},
}
PERSONS = {
    "somebody else": {"sub": "autre"},
    "nobody": {"sub": None},
    "for another site": {"aud": "autre"},
    "by another issuer": {"iss": "https://evil.example"},
    "over": {"exp": PAST},
}


@pytest.mark.parametrize(
    ("claims", "person"),
    [(one, {}) for one in CLAIMS.values()] + [({}, one) for one in PERSONS.values()],
    ids=[*(f"id_token {one}" for one in CLAIMS), *(f"userinfo {one}" for one in PERSONS)],
)
def test_a_token_that_says_anything_else_opens_nothing(client, stub, claims, person):
    actions.join(make_user(email=ALICE), SUB)
    stub.claims, stub.person = claims, person
    refused(come_back(client, stub), Problem.UNSURE)
    assert who(client) is None and Envoi.objects.count() == 1  # the notice of joining


def unsigned(claims):
    return jwt.encode(claims, None, algorithm="none", headers={"kid": "premiere"})


def by_secret(claims):
    return jwt.encode(claims, SECRET, algorithm="HS256", headers={"kid": "premiere"})


def by_another(claims):
    return Key("premiere").sign(claims)


def by_unlisted(claims):
    return Key("inconnue").sign(claims)


def altered(claims):
    head, _, seal = Key("premiere").sign(claims).split(".")
    body = jwt.utils.base64url_encode(json.dumps(claims).encode()).decode()
    return f"{head}.{body}.{seal}"


def named_rs256(claims):
    return Key("premiere", "RS256").sign(claims)


def not_a_token(_claims):
    return "pas-un-jeton"


@pytest.mark.parametrize("which", ["sign_id", "sign_person"])
@pytest.mark.parametrize("sign", [unsigned, by_secret, by_another, by_unlisted, altered, named_rs256, not_a_token])
def test_a_token_signed_by_anything_else_opens_nothing(client, stub, which, sign):
    actions.join(make_user(email=ALICE), SUB)
    setattr(stub, which, sign)
    refused(come_back(client, stub), Problem.UNSURE)
    assert who(client) is None


def test_a_new_key_is_looked_for_once_and_an_old_one_is_no_more(client, stub):
    user = make_user(email=ALICE)
    actions.join(user, SUB)
    come_back(client, stub)
    client.logout()
    old, stub.key = stub.key, Key("seconde")
    stub.published = [stub.key]
    stub.asked.clear()
    come_back(client, stub)
    assert who(client) == str(user.pk)
    assert [name for name, _ in stub.asked].count("jwks") == 1
    client.logout()
    stub.key = old
    refused(come_back(client, stub), Problem.UNSURE)


# What it answers instead


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ("access_denied", Problem.RENOUNCED),
        ("invalid_scope", Problem.REFUSED),
        ("invalid_request", Problem.REFUSED),
        ("server_error", Problem.AWAY),
        ("temporarily_unavailable", Problem.AWAY),
        ("<script>", Problem.REFUSED),
    ],
)
def test_each_error_of_the_provider_has_its_page(client, stub, error, problem):
    answer = come_back(client, stub, error=error, error_description="<b>Y03</b>", code="")
    refused(answer, problem)
    assert "<b>" not in answer.content.decode() and "<script>" not in answer.content.decode()


@pytest.mark.parametrize("name", ["token", "jwks", "userinfo"])
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((500, b""), Problem.AWAY),
        ((400, b'{"error": "invalid_grant"}'), Problem.REFUSED),
        ((302, b""), Problem.REFUSED),
        ((200, b"<html>"), Problem.UNSURE),
        ((200, b"[]"), Problem.UNSURE),
        ((200, b"\xff" * 100), Problem.UNSURE),
        ((200, b"x" * 300_000), Problem.AWAY),
    ],
)
def test_an_answer_that_cannot_be_used_has_its_page(client, stub, name, answer, problem):
    stub.answers[name] = answer
    refused(come_back(client, stub), problem)
    assert who(client) is None


def test_a_provider_that_is_away_or_slow_has_its_page(client, stub, settings, monkeypatch):
    settings.FRANCECONNECT_URL = "http://127.0.0.1:9/api/v2"
    refused(client.post(LEAVE), Problem.AWAY)
    settings.FRANCECONNECT_URL = stub.url
    monkeypatch.setattr("socle.franceconnect.outgoing.WHOLE", -1)
    refused(client.post(LEAVE), Problem.AWAY)


@pytest.mark.parametrize(
    "config",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "https://evil.example/token"},
        {"userinfo_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_a_discovery_that_speaks_of_somebody_else_is_not_followed(client, stub, config):
    stub.config = config
    refused(client.post(LEAVE), Problem.UNSURE)


@pytest.mark.parametrize("query", ["", "?code=x", "?state=", "?state=%FF&code=%00a", "?state=a&state=b", "?error=x"])
def test_whatever_is_typed_at_the_way_back_has_its_page(client, query):
    assert client.get(BACK + query).status_code == 400


def test_too_many_passages_from_one_place_wait(client, stub, monkeypatch):
    monkeypatch.setattr("socle.franceconnect.views.PASSAGES", Limit("test", 1, timedelta(hours=1)))
    leave(client, stub)
    assert client.post(LEAVE).status_code == 429


# Out, and the doors


@pytest.mark.parametrize("door", ["/compte/deconnexion/", "/admin/logout/"])
def test_whoever_came_in_by_it_goes_out_of_it_too_by_either_door(client, stub, door, monkeypatch):
    actions.join(make_user(email=ALICE), SUB)
    come_back(client, stub)
    User.objects.update(is_staff=True)
    monkeypatch.setattr("socle.comptes.second_factor.needed", lambda _: False)
    answer = client.post(door)
    assert who(client) is None
    target = urlsplit(answer["Location"])
    asked = {name: value[0] for name, value in parse_qs(target.query).items()}
    assert answer["Location"].startswith(f"{stub.url}/logout?")
    assert asked["post_logout_redirect_uri"] == f"http://localhost:8000{OUT}"
    assert jwt.decode(asked["id_token_hint"], options={"verify_signature": False})["sub"] == SUB
    assert "De ce site, et de FranceConnect" in text_of(client.get(OUT, {"state": asked["state"]}))
    refused(client.get(OUT, {"state": asked["state"][:-2]}), Problem.STALE)


def test_logging_out_works_while_franceconnect_is_away_and_for_the_others(client, stub, settings):
    actions.join(make_user(email=ALICE), SUB)
    come_back(client, stub)
    keys.forget()
    settings.FRANCECONNECT_URL = "http://127.0.0.1:9/api/v2"
    assert client.post("/compte/deconnexion/")["Location"] == "/"
    make_user(email="bob@example.org")
    enter(client, "bob@example.org")
    assert client.post("/compte/deconnexion/")["Location"] == "/"


def test_the_doors_are_personal_and_change_nothing_by_get(client):
    strict = Client(enforce_csrf_checks=True)
    for address in (LEAVE, PART):
        assert client.get(address).status_code == 405
        assert strict.post(address).status_code == 403
    for address in (BACK, OUT):
        assert client.post(address).status_code == 405
    assert client.get(JOIN)["Location"].startswith("/compte/connexion/")
    assert strict.post(JOIN, {"joindre": "oui"}).status_code == 403
    for address in (LEAVE, BACK, JOIN, OUT, PART):
        assert client.get(address)["Cache-Control"] == "private, no-store"


def test_the_button_has_the_official_words_and_needs_no_script(client):
    for page in ("/compte/connexion/", "/compte/creer/"):
        said = re.sub(r"<[^>]+>|&nbsp;", " ", client.get(page).content.decode())
        said = " ".join(said.split())
        assert "S’identifier avec FranceConnect" in said and "Qu’est-ce que FranceConnect ?" in said


def test_without_its_settings_there_is_no_button_and_no_address(client, settings):
    settings.FRANCECONNECT = False
    for page in ("/compte/connexion/", "/compte/creer/"):
        assert "FranceConnect" not in client.get(page).content.decode()
    for address in (LEAVE, BACK, JOIN, OUT, PART):
        with pytest.raises(Resolver404):
            resolve(address, urlconf="participons.urls")

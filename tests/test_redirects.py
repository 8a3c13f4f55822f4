"""Nobody is sent to another site by an address of ours (T18): `next=` in every encoding, slashes in every place."""

from urllib.parse import quote, urlsplit

import pytest
from django.test import Client

from socle.comptes.models import User
from socle.limiter.actions import Verdict
from tests.entering import BY_PASSWORD, CODE, DOORS, LOGIN, code_for, type_code
from tests.factories import PASSWORD, make_demarche, make_superuser, make_user

pytestmark = pytest.mark.django_db

ELSEWHERE = (
    "https://evil.example/",
    "http://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\x00//evil.example/",
    "https:evil.example",
    "https:///evil.example/",
    "http://testserver@evil.example/",
    "https://testserver.evil.example/",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "%2F%2Fevil.example/",
    "//evil%E3%80%82example/",
    "ftp://testserver/",
    " //evil.example/",
)


def stays(location: str) -> bool:
    """As a browser reads it: no other host, no scheme of its own, no slash that it would take for two."""
    parts = urlsplit(location.replace("\\", "/").translate({9: None, 10: None, 13: None}).strip())
    return not parts.scheme and not parts.netloc and not location.startswith("//")


def assert_stays(answer):
    """An address that cannot be read at all is refused."""
    assert answer.status_code in {302, 400}
    assert stays(answer.headers.get("Location", "/")), answer["Location"]


@pytest.mark.parametrize("door", [LOGIN, BY_PASSWORD])
@pytest.mark.parametrize("posted", [True, False], ids=["in the form", "in the address"])
def test_logging_in_leads_nowhere_else(door, posted, monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    monkeypatch.setattr("socle.comptes.limits.may_ask", lambda *_: Verdict(allowed=True))
    staff = make_superuser()
    for onward in ELSEWHERE:
        client, said = Client(), {"email": staff.email, "password": PASSWORD}
        if posted:
            answer = client.post(door, said | {"next": onward})
        else:
            answer = client.post(f"{door}?next={quote(onward, safe='')}", said)
        if answer.headers.get("Location") == CODE:
            answer = type_code(client, code_for(staff.email))
        assert_stays(answer)


@pytest.mark.parametrize("door", ["/admin/login/", *DOORS, BY_PASSWORD])
def test_who_is_logged_in_already_is_led_nowhere_else(client, door):
    client.force_login(make_superuser())
    for onward in ELSEWHERE:
        assert_stays(client.get(f"{door}?next={quote(onward, safe='')}"))
        client.cookies.clear()
        assert_stays(client.get(f"/admin/login/?next={quote(onward, safe='')}"))
        client.force_login(User.objects.get())


@pytest.mark.parametrize("page", ["/compte/deconnexion/", "/compte/confirmer/", "/compte/confirmer/code/"])
def test_the_other_pages_of_accounts_lead_nowhere_else(client, page):
    user = make_user()
    for onward in ELSEWHERE:
        client.force_login(user)
        answer = client.post(page, {"next": onward, "password": PASSWORD})
        if answer.headers.get("Location") == CODE:
            answer = type_code(client, code_for(user.email))
        if answer.status_code != 429:
            assert_stays(answer)


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/..", "/\\evil.example", "///evil.example"])
def test_a_missing_slash_is_not_added_after_somebody_else(client, path):
    answer = client.get("/", PATH_INFO=path)
    assert answer.status_code in {301, 302, 400, 404}
    assert stays(answer.headers.get("Location", "/"))


@pytest.mark.parametrize("short", ["/ateliers/", "/ateliers/1/", "/etapes/1/", "/themes/1/"])
@pytest.mark.parametrize("query", ["?next=//evil.example", "?//evil.example/", "?x=%0d%0aLocation:%20//evil.example"])
def test_short_addresses_lead_to_the_portal(client, short, query):
    make_demarche()
    answer = client.get(short + query)
    assert stays(answer.headers.get("Location", "/"))
    assert "\n" not in answer.headers.get("Location", "")


def test_the_judge_sees_what_leads_elsewhere():
    assert [one for one in ELSEWHERE if stays(one)] == ["%2F%2Fevil.example/"]
    assert stays("/admin/")

"""Nobody is sent to another site by an address of ours (T18): `next=` in every encoding, slashes in every place."""

from urllib.parse import quote, urlsplit

import pytest
from django.test import Client

from tests.factories import PASSWORD, make_demarche, make_superuser

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


@pytest.mark.parametrize("onward", ELSEWHERE)
@pytest.mark.parametrize("posted", [True, False], ids=["in the form", "in the address"])
def test_logging_in_leads_nowhere_else(onward, posted):
    staff, client = make_superuser(), Client()
    said = {"username": staff.email, "password": PASSWORD}
    if posted:
        answer = client.post("/admin/login/", said | {"next": onward})
    else:
        answer = client.post(f"/admin/login/?next={quote(onward, safe='')}", said)
    assert_stays(answer)


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_who_is_logged_in_already_is_led_nowhere_else(client, onward):
    client.force_login(make_superuser())
    answer = client.get(f"/admin/login/?next={quote(onward, safe='')}")
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

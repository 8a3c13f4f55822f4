"""Every answer leaves with its headers, whatever the page and whoever asks (T09); cookies say as little as they can."""

import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import NoReverseMatch, get_resolver, reverse

from tests.test_rights_matrix import (
    ADMINISTRATEUR,
    ANONYMOUS,
    MODELS,
    ONE_CLICK,
    PERSONAL,
    PUBLIC,
    PUBLIC_ANSWERS,
    body_of,
    client_of,
    doors,
    world,  # noqa: F401
)

pytestmark = pytest.mark.django_db

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
CLOSED = {"default-src": "'none'", "script-src": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'"}
INERT = (r"<script(?![^>]*(\bsrc=|application/json))[^>]*>", r"<[^>]+\son\w+\s*=", r"<[^>]+\sstyle=", r"javascript:")


def every_address(portal):
    """Those of the tables, and whatever else the URL map answers without an argument."""
    for form in {**PUBLIC, **PUBLIC_ANSWERS}.values():
        yield form.format(**portal.words)
    for form, _ in PERSONAL.values():
        yield form.format(**portal.words)
    yield from ONE_CLICK.values()
    yield from (door.address for door in doors(portal))
    yield from (f"/admin/{label.replace('.', '/')}/add/" for label in MODELS)
    for name in {str(key) for key in get_resolver().reverse_dict if isinstance(key, str)}:
        try:
            yield reverse(name)
        except NoReverseMatch:
            continue


def policy_of(response):
    return dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))


def what_is_wrong(response):
    """Of the headers and, in a page, of what they would forbid."""
    wrong = [f"{name}: {response.get(name)}" for name, value in FIXED.items() if response.get(name) != value]
    wrong += ["Permissions-Policy"] * ("camera=()" not in response.get("Permissions-Policy", ""))
    if "Content-Security-Policy" not in response.headers:
        return [*wrong, "no Content-Security-Policy"]
    policy = policy_of(response)
    closed = {"default-src": "'none'"} if "sandbox" in policy else CLOSED  # a file that was handed in
    wrong += [f"{name} {policy.get(name)}" for name, value in closed.items() if policy.get(name) != value]
    wrong += ["unsafe"] * ("unsafe" in response["Content-Security-Policy"])
    wrong += ["another host"] * bool(re.search(r"https?:|\*", response["Content-Security-Policy"]))
    body = body_of(response)
    if response.get("Content-Type", "").startswith("text/html"):
        wrong += [found[0][:80] for pattern in INERT if (found := re.search(pattern, body))]
        nonces = re.findall(r'<style[^>]*nonce="([^"]+)"', body)
        wrong += ["<style> without its nonce"] * (len(nonces) != len(re.findall("<style", body)))
        wrong += ["a nonce that is not the policy's"] * any(
            f"'nonce-{one}'" not in policy["style-src"] for one in nonces
        )
    return wrong


@pytest.mark.parametrize("who", [ANONYMOUS, ADMINISTRATEUR])
def test_every_address_leaves_with_its_headers(world, who):  # noqa: F811
    client, wrong = client_of(world, who), []
    addresses = sorted(set(every_address(world)))
    assert {"/", "/admin/", "/compte/connexion/", "/compte/creer/", "/sante/"} <= set(addresses)
    for address in addresses:
        if address != "/admin/logout/" and (who == ADMINISTRATEUR or not address.startswith("/admin/")):
            wrong += [f"{address}: {one}" for one in what_is_wrong(client.get(address))]
    assert not wrong, "\n".join(wrong)


def test_refusals_leave_with_their_headers_too(client):
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for response in (
        client.get("/nulle-part/"),
        client.get("/", headers={"host": "evil.example"}),
        client.get("/?q=%00"),
        strict.post("/compte/connexion/", {"email": "x"}),
        client.put("/"),
    ):
        assert response.status_code >= 400
        assert what_is_wrong(response) == []


@override_settings(SECURE_HSTS_SECONDS=31536000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True, SECURE_HSTS_PRELOAD=True)
@pytest.mark.parametrize("path", ["/", "/admin/login/", "/compte/connexion/", "/sante/", "/nulle-part/"])
def test_over_https_the_browser_is_told_to_stay_there(client, path):
    said = client.get(path, secure=True, follow=False)["Strict-Transport-Security"]
    assert said == "max-age=31536000; includeSubDomains; preload"


def test_cookies_are_closed_to_scripts_and_to_other_sites(client):
    answer = client.get("/compte/connexion/")
    assert answer.cookies, "the form has its token"
    client.post("/compte/connexion/", {"email": "alice@example.org"})
    for cookie in client.cookies.values():
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["domain"]
    assert {cookie.key for cookie in client.cookies.values()} == {
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
    }


def test_the_tests_above_can_fail():
    """A page with everything wrong, and none of the headers."""
    page = '<script>alert(1)</script><p style="a" onclick="b"><a href="javascript:c"><style>d</style>'
    answer = HttpResponse(page)
    answer["Content-Security-Policy"] = "script-src 'self' 'unsafe-inline' https://elsewhere.example"
    assert len(what_is_wrong(answer)) >= 4 + 1 + 4 + 2 + 4 + 1
    assert "no Content-Security-Policy" in what_is_wrong(HttpResponse(page))

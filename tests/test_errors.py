"""Pages for what goes wrong: in French, without the database, without a trace, with all their headers."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from participons import errors

SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@pytest.fixture(autouse=True)
def small_map(settings):
    settings.ROOT_URLCONF = "tests.urls_pagecache"


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


def assert_safe(response):
    for name, value in SAFETY.items():
        assert response[name] == value
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "geolocation=()" in response["Permissions-Policy"]


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/forbidden/", 403), ("/broken/", 500)])
def test_error_pages_need_no_database(visitor, path, status):
    response = visitor.get(path)  # no database mark: any query fails
    assert response.status_code == status
    html = response.content.decode()
    assert '<html lang="fr">' in html
    assert "Retour à l’accueil" in html
    assert not response.cookies
    assert_safe(response)
    for word in ("Traceback", "secret words", "ValueError", "Django", "urls_pagecache"):
        assert word not in html


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "404", "413", "500", "503"])
def test_error_pages_are_written_in_good_french(status):
    html = errors.page(500, status, minutes=2).content.decode()
    for owed in ("/accessibilite/", "/mentions-legales/", "/donnees-personnelles/", "/contact/"):
        assert f'href="{owed}"' in html  # RGAA 12: the same links on each page, errors too
    text = re.sub(r"<[^>]+>", " ", html)
    assert "'" not in text
    assert not re.search(r"[^\u00a0\u202f\s][?!:;]", text)
    assert not re.search(r" [?!:;]", text)
    assert "{{" not in html
    assert html.count("<h1>") == 1


def test_broken_error_template_still_answers(visitor, settings):
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [], "APP_DIRS": False}]
    response = visitor.get("/nowhere/")
    assert response.status_code == 404
    assert "Réessayez" in response.content.decode()


@pytest.mark.parametrize(
    "path",
    ["/%00/", "/page/%00", "/page/?q=%00", "/page/?x=%00&y=1", "/" + "a" * 5000, "/page/?q=" + "a" * 20000],
)
def test_unreadable_addresses_get_400(visitor, path):
    response = visitor.get(path)
    assert response.status_code == 400
    assert "n’a pas pu être lue" in response.content.decode()
    assert_safe(response)


@pytest.mark.parametrize(
    "path", ["/%FF%FE/", "/%ED%A0%80/", "/%C3%28/", "/../../etc/passwd", "//nowhere", "/%0d%0aX:1/"]
)
def test_odd_paths_are_no_error(visitor, db, path):
    assert visitor.get(path).status_code in (301, 302, 400, 404)


@pytest.mark.parametrize(
    "query", ["q=%FF", "q=%ED%A0%80", "theme=%C3%28", "tri=-1&theme=1e9", "q=%", "&&&=", "q=%2500"]
)
def test_odd_queries_are_no_error(visitor, db, query):
    assert visitor.get(f"/page/?{query}").status_code == 200


def test_thousands_of_query_keys_get_400(visitor):
    assert visitor.get("/page/?" + "&".join(f"a{n}" for n in range(1600))).status_code in (200, 400)
    assert visitor.get("/page/?" + "&".join("a" for n in range(3000))).status_code == 400


@pytest.mark.parametrize("cookie", ['sessionid="\\000aaaaaaaaaa"', "sessionid=\udcff" * 3, "sessionid=" + "é" * 40])
def test_odd_cookies_are_no_error(visitor, db, cookie):
    assert visitor.get("/undecided/", HTTP_COOKIE=cookie).status_code in (200, 400)


def test_foreign_host_gets_400(visitor):
    response = visitor.get("/nowhere/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert_safe(response)
    assert "evil" not in response.content.decode()


def test_too_much_data_gets_413(visitor, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = visitor.post("/personal/", {"text": "a" * 5000})
    assert response.status_code == 413
    assert "trop lourd" in response.content.decode()
    assert_safe(response)


def test_too_many_fields_get_400(visitor):
    data = "&".join(f"f{n}=1" for n in range(3000))
    response = visitor.post("/personal/", data, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400


def test_broken_multipart_gets_400(visitor):
    response = visitor.post("/personal/", b"--x\r\nnonsense", content_type="multipart/form-data; boundary=")
    assert response.status_code == 400


def test_missing_csrf_token_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post("/personal/", {"text": "x"})
    assert response.status_code == 403
    assert "revenez en arrière" in response.content.decode()
    assert_safe(response)


def test_database_away_gives_503(visitor, monkeypatch):
    def away(_request):
        raise errors.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("tests.urls_pagecache.generation_read_by_view", lambda: away(None))
    response = visitor.get("/page/?q=x")
    assert response.status_code == 503
    assert response["Retry-After"] == "10"
    assert "unexpectedly" not in response.content.decode()
    assert_safe(response)


def test_admin_pages_carry_a_strict_policy(transactional_db):
    get_user_model().objects.create_superuser("alice@example.org", "un-mot-de-passe")
    client = Client()
    assert_policy_without_inline_scripts(client.get("/admin/login/"))
    client.login(username="alice@example.org", password="un-mot-de-passe")
    lists = [reverse(admin_urlname(model._meta, "changelist")) for model in admin.site._registry]
    assert lists
    for path in ["/admin/", *lists, *[f"{path}add/" for path in lists]]:
        response = client.get(path, follow=True)
        assert response.status_code in (200, 403), path
        assert_policy_without_inline_scripts(response)
        assert "no-store" in response["Cache-Control"]


def assert_policy_without_inline_scripts(response):
    directives = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert directives["script-src"] == "'self'"
    assert "unsafe" not in response["Content-Security-Policy"]
    html = response.content.decode()
    assert not re.search(r"<script(?![^>]*(\bsrc=|application/json))[^>]*>", html)
    assert not re.search(r"\son\w+=", html)
    for style in re.findall(r"<style[^>]*>", html):
        nonce = re.search(r'nonce="([^"]+)"', style)
        assert nonce
        assert f"'nonce-{nonce[1]}'" in directives["style-src"]
    assert not re.search(r"<[^>]+\sstyle=", html)


@override_settings(SECURE_HSTS_SECONDS=31536000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True)
def test_hsts_over_https(visitor):
    assert "max-age=31536000" in visitor.get("/nowhere/", secure=True)["Strict-Transport-Security"]


def test_the_tests_above_can_fail():
    """A page that does query fails without the database mark."""
    with pytest.raises(RuntimeError):
        connection.ensure_connection()

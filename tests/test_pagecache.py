"""Public pages: the same bytes for everybody, from memory, never older than the last publication."""

import gzip
import logging
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.http import Http404
from django.test import Client
from django.utils import timezone

from socle.pagecache import freshness
from socle.pagecache.actions import bump
from socle.pagecache.impersonal import PersonalTouchError
from socle.pagecache.store import Entry, Store, Turns, store
from tests import urls_pagecache as pages


@pytest.fixture(autouse=True)
def small_map(settings):
    settings.ROOT_URLCONF = "tests.urls_pagecache"


@pytest.fixture
def cache(transactional_db):
    """The page cache at work: nothing stored, nothing waiting in the view, a generation in the database."""
    publish()
    store.clear()
    pages.boundary[:] = [None]
    yield store
    pages.before_render.clear()
    pages.after_render.clear()
    pages.boundary[:] = [None]
    freshness.reader.close()
    store.clear()


@pytest.fixture(autouse=True)
def forget():
    pages.renders.clear()


def publish() -> None:
    with transaction.atomic():
        bump()


def renders() -> int:
    return len(pages.renders)


def test_second_visitor_gets_the_same_page_without_rendering(cache):
    first, second = Client().get("/page/"), Client().get("/page/")
    assert renders() == 1
    assert first.content == second.content
    for response in (first, second):
        assert response["Cache-Control"] == "public, no-cache"
        assert response["Vary"] == "Accept-Encoding"
        assert "Set-Cookie" not in response
        assert not response.cookies
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Length"] == str(len(response.content))
    assert dict(first.items()) == dict(second.items())


def test_hit_makes_no_query_on_the_request_s_connection(cache, client, django_assert_num_queries):
    client.get("/page/")
    with django_assert_num_queries(0):
        client.get("/page/")


def test_gzip_and_identity_hold_the_same_page(cache, client):
    plain = client.get("/page/")
    packed = client.get("/page/", headers={"accept-encoding": "br, gzip;q=0.8"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] == plain["ETag"]
    assert "Content-Encoding" not in client.get("/page/", headers={"accept-encoding": "gzip;q=0, br"})


def test_head_and_not_modified(cache, client):
    head = client.head("/page/")
    page = client.get("/page/")
    assert renders() == 1
    assert head.content == b""
    assert head["Content-Length"] == str(len(page.content))
    again = client.get("/page/", headers={"if-none-match": page["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == page["ETag"]
    publish()
    assert client.get("/page/", headers={"if-none-match": page["ETag"]}).status_code == 200


def test_other_methods_are_refused(cache, client):
    assert client.post("/page/").status_code == 405
    assert client.put("/page/").status_code == 405


def test_publishing_shows_at_once(cache, client):
    before = client.get("/page/").content
    publish()
    after = client.get("/page/").content
    assert before != after
    assert renders() == 2


def test_rolled_back_publication_leaves_the_page(cache, client):
    client.get("/page/")
    with transaction.atomic():
        bump()
        transaction.set_rollback(True)
    client.get("/page/")
    assert renders() == 1


def test_bump_needs_a_transaction(cache):
    with pytest.raises(TransactionManagementError):
        bump()


def test_bump_makes_a_lost_row_again(cache, client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pagecache_generation")
    client.get("/page/")
    client.get("/page/")
    assert renders() == 2  # without a generation nothing is stored
    publish()
    client.get("/page/")
    client.get("/page/")
    assert renders() == 3


def test_unknown_query_keys_change_nothing(cache, client):
    plain = client.get("/page/")
    tracked = client.get("/page/?utm_source=x&fbclid=1&theme=")
    assert renders() == 1
    assert tracked.content == plain.content


def test_allowed_query_keys_in_any_order_are_one_page(cache, client):
    first = client.get("/page/?theme=2&tri=date&x=1")
    second = client.get("/page/?tri=date&theme=2")
    assert renders() == 1
    assert first.content == second.content
    assert b"theme=2&tri=date" in first.content
    assert b"x=1" not in first.content
    client.get("/page/?theme=3")
    assert renders() == 2


def test_searches_are_not_stored(cache, client):
    for _ in range(2):
        response = client.get("/page/?q=mot")
        assert response["Cache-Control"] == "public, no-cache"
        assert "ETag" in response
    assert renders() == 2
    assert len(store) == 0


def test_each_host_and_scheme_has_its_page(cache, client, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    client.get("/page/", headers={"host": "one.example"})
    client.get("/page/", headers={"host": "two.example"})
    client.get("/page/", headers={"host": "one.example"}, secure=True)
    assert renders() == 3


def test_foreign_host_gets_400_even_for_a_stored_page(cache, client):
    client.get("/page/")
    response = client.get("/page/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert b"evil.example" not in response.content


@pytest.mark.parametrize("name", pages.TOUCHES)
def test_touching_the_visitor_raises(cache, client, name):
    client.cookies["sessionid"] = "x" * 32
    with pytest.raises(PersonalTouchError):
        client.get(f"/touch/{name}/")


def test_touching_the_visitor_while_rendering_late_raises(cache, client):
    with pytest.raises(PersonalTouchError):
        client.get("/lazy/")


def test_setting_a_cookie_raises(cache, client):
    with pytest.raises(PersonalTouchError):
        client.get("/cookie/")


def test_streaming_raises(cache, client):
    with pytest.raises(TypeError):
        client.get("/streamed/")


def test_redirects_are_public_but_not_stored(cache, client):
    response = client.get("/short/")
    assert response.status_code == 302
    assert response["Cache-Control"] == "public, no-cache"
    assert len(store) == 0


@pytest.mark.parametrize("path", ["/personal/", "/undecided/", "/form/", "/nowhere/", "/sante/"])
def test_everything_else_is_private(cache, client, path):
    response = client.get(path)
    assert response["Cache-Control"] == "private, no-store"
    assert len(store) == 0


def test_page_ends_after_a_minute(cache, client, monkeypatch):
    start = timezone.now()
    client.get("/page/")
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(seconds=59))
    client.get("/page/")
    assert renders() == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(seconds=61))
    client.get("/page/")
    assert renders() == 2


def test_page_ends_at_the_boundary(cache, client, monkeypatch):
    """T67: what opens at midnight shows open at midnight, whatever was stored the second before."""
    midnight = timezone.now() + timedelta(seconds=10)
    pages.boundary[:] = [midnight]
    client.get("/page/")
    monkeypatch.setattr("django.utils.timezone.now", lambda: midnight - timedelta(microseconds=1))
    client.get("/page/")
    assert renders() == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: midnight)
    client.get("/page/")
    assert renders() == 2


def test_page_rendered_across_the_boundary_is_not_served_after_it(cache, client, monkeypatch):
    """The view read the clock before midnight and answered after it."""
    midnight = timezone.now() + timedelta(seconds=10)
    pages.boundary[:] = [midnight]

    def pass_midnight():
        pages.boundary[:] = [None]
        monkeypatch.setattr("django.utils.timezone.now", lambda: midnight)

    pages.after_render.append(pass_midnight)
    client.get("/page/")
    client.get("/page/")
    assert renders() == 2


def in_thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_page_rendered_before_a_publication_is_not_served_after_it(cache):
    """T67: a reader holds the old page in its hands while a publication commits, then stores it."""
    rendered, published = threading.Event(), threading.Event()

    def wait_for_publication():
        rendered.set()
        assert published.wait(20)

    pages.after_render.append(wait_for_publication)
    old = []
    reader = in_thread(lambda: old.append(Client().get("/page/").content))
    assert rendered.wait(20)
    pages.after_render.clear()
    publish()
    published.set()
    reader.join(20)
    new = Client().get("/page/").content
    assert old
    assert new != old[0]
    assert renders() == 2
    assert Client().get("/page/").content == new


def test_page_rendered_during_an_open_publication_is_not_served_after_it(cache):
    begun, go_on = threading.Event(), threading.Event()

    def publish_slowly():
        with transaction.atomic():
            bump()
            begun.set()
            assert go_on.wait(20)

    publisher = in_thread(publish_slowly)
    assert begun.wait(20)
    before = Client().get("/page/").content
    go_on.set()
    publisher.join(20)
    assert Client().get("/page/").content != before


def test_one_renderer_for_many_readers(cache):
    inside, go_on = threading.Event(), threading.Event()

    def hold():
        inside.set()
        assert go_on.wait(20)

    pages.before_render.append(hold)
    bodies = []
    readers = [in_thread(lambda: bodies.append(Client().get("/page/").content)) for _ in range(6)]
    assert inside.wait(20)
    go_on.set()
    for reader in readers:
        reader.join(20)
    assert len(bodies) == 6
    assert len(set(bodies)) == 1
    assert renders() == 1


def test_reader_that_comes_just_after_the_renderer_left_renders_nothing(cache, monkeypatch):
    """It missed the page, then another stored it, before the turn was asked for."""
    take = Turns.take

    def late(self, key):
        monkeypatch.setattr(Turns, "take", take)
        Client().get("/page/")
        return take(self, key)

    monkeypatch.setattr(Turns, "take", late)
    assert Client().get("/page/").status_code == 200
    assert renders() == 1


def test_waiting_for_a_renderer_ends():
    turns = Turns(patience=0.01)
    key = ("http", "h", "/", "")
    with turns.take(key) as first, turns.take(key) as second:
        assert (first, second) == (False, True)
    assert not turns._turns


def test_failed_render_leaves_the_turn(cache, client):
    def fail():
        raise ZeroDivisionError

    pages.before_render.append(fail)
    with pytest.raises(ZeroDivisionError):
        client.get("/page/")
    pages.before_render.clear()
    assert client.get("/page/").status_code == 200
    assert len(store) == 1


def terminate_kept_connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_restarted_database_is_found_again(cache, client):
    client.get("/page/")
    terminate_kept_connections()
    client.get("/page/")
    assert renders() == 1
    publish()
    client.get("/page/")
    assert renders() == 2


def test_without_a_database_the_last_known_page_is_served(cache, client, monkeypatch, caplog):
    known = client.get("/page/").content
    publish()
    terminate_kept_connections()
    monkeypatch.setattr(freshness, "_connect", unreachable)
    monkeypatch.setattr(freshness, "PAUSE", 0)
    much_later = timezone.now() + timedelta(hours=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: much_later)
    with caplog.at_level(logging.WARNING, "socle.pagecache.freshness"):
        for _ in range(3):
            assert client.get("/page/").content == known
    assert len(caplog.records) == 1
    monkeypatch.undo()
    assert client.get("/page/").content != known


def test_a_page_that_is_gone_is_not_the_last_known_any_more(cache, client, monkeypatch):
    client.get("/page/")
    publish()
    pages.before_render.append(gone)
    assert client.get("/page/").status_code == 404
    terminate_kept_connections()
    monkeypatch.setattr(freshness, "_connect", unreachable)
    monkeypatch.setattr(freshness, "PAUSE", 0)  # the next test finds the database again
    assert client.get("/page/").status_code == 404


def gone():
    raise Http404


def unreachable():
    raise freshness.psycopg.OperationalError("unreachable")


def test_inside_a_test_transaction_nothing_is_stored(db, client):
    client.get("/page/")
    client.get("/page/")
    assert renders() == 2


def entry(size: int) -> Entry:
    return Entry(b"1", timezone.now(), "", {}, b"x" * size, size)


def test_store_is_bounded_and_forgets_the_least_read():
    small = Store(room=3 * 3000)
    keys = [("http", "h", f"/{n}/", "") for n in range(4)]
    for key in keys[:3]:
        small.put(key, entry(900))
    small.get(keys[0])
    small.put(keys[3], entry(900))
    assert [small.get(key) is not None for key in keys] == [True, False, True, True]
    assert small.weight <= small.room
    small.put(keys[0], entry(100_000))
    assert small.get(keys[0]) is None
    small.clear()
    assert (len(small), small.weight) == (0, 0)

"""Serves public pages from memory, and keeps every other page out of all caches (design §5).

It stands right after SecurityMiddleware: a stored page holds the headers of everything inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeGuard

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone

from socle.pagecache.decorators import PRIVATE, PublicPage
from socle.pagecache.freshness import Token, UnreadableError, reader
from socle.pagecache.impersonal import PersonalTouchError
from socle.pagecache.store import Entry, Key, store, turns

PUBLIC = "public, no-cache"
GONE = (404, 410)  # the last known page is not there any more: it is not what is served when the database is down

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PageCacheMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host = request.get_host()  # raises on a foreign Host: a stored page must not answer it
        if request.method not in ("GET", "HEAD"):
            return self._uncached(request)
        key: Key = (request.scheme or "", host, request.path, "")
        if not request.META.get("QUERY_STRING") and store.get(key):
            return self._serve(request, key)
        match = _match(request)
        page: PublicPage | None = getattr(match.func, "public_page", None) if match else None
        if page is None:
            return self._uncached(request)
        query = page.query(request)
        if not page.storable(query):
            return self._uncached(request)
        return self._serve(request, (*key[:3], query.urlencode()))

    def _serve(self, request: HttpRequest, key: Key) -> HttpResponseBase:
        # What an open transaction sees is not what others see; only a test asks from inside of one.
        if connection.in_atomic_block:
            return self._uncached(request)
        token, entry = _look_up(key)
        if entry:
            return _answer(request, entry)
        with turns.take(key) as waited:
            # Who did not wait may still come just after another has stored the page and left.
            token, entry = _look_up(key) if waited else (token, _true(store.get(key), token))
            return _answer(request, entry) if entry else self._render(request, key, token)

    def _render(self, request: HttpRequest, key: Key, token: Token | None) -> HttpResponseBase:
        """`token` was read before: a page is never stored under a generation it was not rendered from."""
        now = timezone.now()
        match = _match(request)
        page: PublicPage | None = getattr(match.func, "public_page", None) if match else None
        if match is None or page is None:
            return self._uncached(request)
        ends_at = page.ends_at(request, match, now)
        response = self.get_response(request)
        if not _complete(response):
            if token is not None and response.status_code in GONE:
                store.forget(key)
            return _finish(request, response)
        entry = Entry.of(_public(response), token, ends_at)
        if token is not None and now < ends_at:
            store.put(key, entry)
        return _answer(request, entry)

    def _uncached(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if _complete(response):
            return _answer(request, Entry.of(_public(response), None, timezone.now()))
        return _finish(request, response)


def _match(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _look_up(key: Key) -> tuple[Token | None, Entry | None]:
    """The generation, and the page if it is still true; without a database, the last known one."""
    entry = store.get(key)
    try:
        token = reader.read()
    except UnreadableError:
        return None, entry
    return token, _true(entry, token)


def _true(entry: Entry | None, token: Token | None) -> Entry | None:
    if entry and token is not None and entry.token == token and timezone.now() < entry.ends_at:
        return entry
    return None


def _complete(response: HttpResponseBase) -> TypeGuard[HttpResponse]:
    return hasattr(response, "public_page") and response.status_code == 200


def _public(response: HttpResponse) -> HttpResponse:
    if response.cookies:
        raise PersonalTouchError("A public page sets no cookie.")
    response["Cache-Control"] = PUBLIC
    return response


def _finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Public answers without a page of their own (redirects) may be kept; static files say it themselves."""
    if hasattr(response, "public_page"):
        response["Cache-Control"] = PUBLIC
    elif not (request.path.startswith(settings.STATIC_URL) and response.has_header("Cache-Control")):
        response["Cache-Control"] = PRIVATE
    return response


def _answer(request: HttpRequest, entry: Entry) -> HttpResponse:
    if entry.etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        return HttpResponse(status=304, headers=_shared(entry))
    packed = _takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    body = entry.packed if packed else entry.plain()
    headers = entry.headers | _shared(entry) | {"Content-Length": str(len(body))}
    if packed:
        headers["Content-Encoding"] = "gzip"
    return HttpResponse(b"" if request.method == "HEAD" else body, headers=headers)


def _shared(entry: Entry) -> dict[str, str]:
    return {"ETag": entry.etag, "Cache-Control": PUBLIC, "Vary": "Accept-Encoding"}


@lru_cache(maxsize=256)
def _takes_gzip(accepted: str) -> bool:
    accepted = accepted[:500].lower()
    refused = re.search(r"\bgzip\s*;\s*q=0(\.0*)?\s*(,|$)", accepted)
    return "gzip" in accepted and not refused

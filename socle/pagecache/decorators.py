"""The two kinds of page: public (the same bytes for everybody) and personal (for one visitor)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, QueryDict
from django.urls import ResolverMatch
from django.utils.http import urlencode

from socle.pagecache.impersonal import PersonalTouchError, impersonal

PRIVATE = "private, no-store"

type View = Callable[..., HttpResponseBase]
type Until = Callable[[HttpRequest], datetime | None]


@dataclass(frozen=True)
class PublicPage:
    """What a public page allows; the middleware finds it on the view as `public_page`."""

    allowed: tuple[str, ...] = ()
    uncached: tuple[str, ...] = ()
    until: Until | None = None
    max_age: int = 60

    def query(self, request: HttpRequest) -> QueryDict:
        """The allowed keys that have a value, in one order: what the view sees, and what the page is stored by."""
        names = self.allowed + self.uncached
        pairs = [(name, value) for name in names for value in request.GET.getlist(name) if value]
        return QueryDict(urlencode(pairs))

    def storable(self, query: QueryDict) -> bool:
        return not any(name in query for name in self.uncached)

    def ends_at(self, request: HttpRequest, match: ResolverMatch, now: datetime) -> datetime:
        """When the page stops being true; `until` finds the address's words in `request.resolver_match`."""
        latest = now + timedelta(seconds=self.max_age)
        if self.until is None:
            return latest
        request.resolver_match = match
        with impersonal(request):
            boundary = self.until(request)
        return min(latest, boundary) if boundary else latest


def public_page(
    *allowed_query: str, uncached_query: tuple[str, ...] = (), until: Until | None = None, max_age: int = 60
) -> Callable[[View], View]:
    """A page everybody receives alike: GET and HEAD only, no session, user, cookie, message, token or nonce.

    The view's request.GET holds the allowed keys only. With one of `uncached_query` (words searched for) the page is
    not stored. `until(request)` gives the next instant at which the page changes by itself; `max_age` is in seconds.
    """
    page = PublicPage(allowed_query, uncached_query, until, max_age)

    def decorate(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["GET", "HEAD"])
            response = _render(page, view, request, *args, **kwargs)
            response.public_page = page  # type: ignore[attr-defined]
            return response

        shown.public_page = page  # type: ignore[attr-defined]
        return shown

    return decorate


def _render(page: PublicPage, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    query = page.query(request)
    with impersonal(request):
        request.__dict__["GET"] = query
        request.META["QUERY_STRING"] = query.urlencode()
        request.method = "GET"  # HEAD is answered from the same bytes
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponse):
            raise TypeError("A public page is not streamed.")
        if callable(render := getattr(response, "render", None)):
            response = render()
    if response.cookies:
        raise PersonalTouchError("A public page sets no cookie.")
    return response


def personal_page(view: View) -> View:
    """A page for one visitor: no cache keeps it. The middleware does the same for every page that is not public."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = PRIVATE
        return response

    return shown

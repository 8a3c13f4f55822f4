"""A small URL map for the tests of the page cache, the limiter and the error pages."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import include, path

from participons.health import sante
from socle.pagecache.decorators import personal_page, public_page

boundary: list[datetime | None] = [None]
before_render: list[Callable[[], None]] = []
after_render: list[Callable[[], None]] = []
renders: list[str] = []


def generation_read_by_view() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM pagecache_generation")
        row = cursor.fetchone()
    return str(row[0]) if row else "none"


@public_page("theme", "tri", uncached_query=("q",), until=lambda _request: boundary[0])
def public(request: HttpRequest) -> HttpResponse:
    for step in before_render:
        step()
    words = f"<p>é {generation_read_by_view()} {request.GET.urlencode()} {request.get_full_path()}</p>" * 50
    renders.append(request.get_full_path())
    for step in after_render:
        step()
    return HttpResponse(words)


def touching(name: str, touch: Callable[[HttpRequest], object]) -> object:
    @public_page()
    def view(request: HttpRequest) -> HttpResponse:
        touch(request)
        return HttpResponse("reached")

    return path(f"touch/{name}/", view)


def swallowing(request: HttpRequest) -> object:
    template = engines["django"].from_string("{% if not request.user.is_authenticated %}x{% endif %}")
    return template.render({"request": request})


TOUCHES: dict[str, Callable[[HttpRequest], object]] = {
    "session": lambda request: request.session.get("x"),
    "session-write": lambda request: request.session.__setitem__("x", 1),
    "user": lambda request: request.user.is_authenticated,
    "user-in-template": swallowing,
    "csrf": get_token,
    "cookies": lambda request: request.COOKIES.get("sessionid"),
    "cookie-header": lambda request: request.META["HTTP_COOKIE"],
    "messages": lambda request: messages.info(request, "x"),
    "nonce": lambda request: str(request._csp_nonce),
    "address": lambda request: request.META.get("REMOTE_ADDR"),
}


@public_page()
def cookie(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse("x")
    response.set_cookie("a", "b")
    return response


@public_page()
def short_form(_request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/page/")


@public_page()
def streamed(_request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(["x"])


@public_page()
def lazy(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, engines["django"].from_string("{{ request.user }}"))


@personal_page
def personal(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("text", "a form"))


def undecided(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(str(request.session.get("x")))
    response["Cache-Control"] = "public, max-age=600"
    return response


def broken(_request: HttpRequest) -> HttpResponse:
    raise ValueError("secret words of the trace")


def forbidden(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


urlpatterns = [
    path("page/", public),
    path("cookie/", cookie),
    path("short/", short_form),
    path("streamed/", streamed),
    path("lazy/", lazy),
    path("personal/", personal),
    path("undecided/", undecided),
    path("broken/", broken),
    path("forbidden/", forbidden),
    path("form/", form),
    path("sante/", sante),
    path("compte/", include("socle.comptes.urls")),
    path("admin/", admin.site.urls),
    *[touching(name, touch) for name, touch in TOUCHES.items()],
]

handler400 = "participons.errors.bad_request"
handler403 = "participons.errors.permission_denied"
handler404 = "participons.errors.page_not_found"
handler500 = "participons.errors.server_error"

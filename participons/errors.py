"""What is said when something goes wrong: the same for everybody, without the database, without a trace."""

# ruff: noqa: ARG001 (Django gives its handlers more than they need)

import logging
import sys

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import get_template
from django.templatetags.static import static
from psycopg.errors import ForeignKeyViolation
from psycopg_pool import PoolTimeout

logger = logging.getLogger(__name__)

# Said when even the template of the page cannot be used.
LAST_WORDS = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Erreur</title>'
    "<h1>Une erreur s’est produite</h1><p>Réessayez dans un instant.</p></html>"
)
UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout)


STYLESHEET = "css/site.css"


def _stylesheet() -> str | None:
    try:
        return static(STYLESHEET)
    except ValueError:  # not collected: the page is plain, and still there
        return None


def page(status: int, template: str | None = None, **context: object) -> HttpResponse:
    """One of templates/errors/, rendered without a request: no context processor, so no query and no visitor."""
    try:
        html = get_template(f"errors/{template or status}.html").render({"stylesheet": _stylesheet(), **context})
    except Exception:
        logger.exception("The page for status %s could not be rendered.", status)
        html = LAST_WORDS
    return HttpResponse(html, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A view with a form worth an hour of typing answers by itself, so that nothing typed is lost."""
    match = request.resolver_match
    answer = getattr(match.func, "on_csrf_failure", None) if match else None
    return answer(request) if answer else page(403, "403_csrf")


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the database is away, 400 when the visitor left in the middle of a form, 410 when somebody left the
    portal at this very moment, else 500."""
    error = sys.exception()
    if isinstance(error, IntegrityError) and _of_somebody_gone(error):
        return page(410)
    if isinstance(error, UnreadablePostError):
        return page(400)
    if isinstance(error, UNAVAILABLE):
        response = page(503)
        response["Retry-After"] = "10"
        return response
    return page(500)


def _of_somebody_gone(error: IntegrityError) -> bool:
    """The row written points to a person whose erasure was committed since they were read."""
    cause = error.__cause__
    return isinstance(cause, ForeignKeyViolation) and '"comptes_personne"' in (cause.diag.message_detail or "")

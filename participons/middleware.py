"""The outermost layer: addresses nobody writes by hand are turned away, and no answer leaves without its headers."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.csp import CSP, build_policy

from participons import errors
from socle.pagecache.decorators import PRIVATE

POLICY = str(CSP.HEADER_ENFORCE)
LONGEST_PATH = 2048  # characters
LONGEST_QUERY = 8192
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


class ErrorPages:
    """Errors raised further in become pages there (participons.errors), through handler400 to handler500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # For the pages made outside of the middlewares that usually set these.
        self.defaults = {
            POLICY: build_policy(settings.SECURE_CSP),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "Cache-Control": PRIVATE,
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = errors.bad_request(request) if unreadable(request) else self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        if POLICY not in response.headers:
            for name, value in self.defaults.items():
                response.headers.setdefault(name, value)
        return response


def unreadable(request: HttpRequest) -> bool:
    """An address or a cookie with what PostgreSQL refuses (NUL, half of a surrogate pair), or far too long."""
    path, query = request.path, request.META.get("QUERY_STRING", "")
    cookies = request.META.get("HTTP_COOKIE", "")
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY:
        return True
    # Cookie values may be quoted, with octal escapes: \000 is a NUL once read.
    if "\0" in path or "\0" in query or "%00" in query or "\\000" in cookies:
        return True
    try:
        path.encode()
        query.encode()
        cookies.encode("latin-1")  # as WSGI has it, and Django decodes it
    except UnicodeEncodeError:
        return True
    return False

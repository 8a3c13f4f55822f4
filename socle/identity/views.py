"""The logo, at an address that changes with it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from socle.identity.models import SiteIdentity
from socle.pagecache.decorators import public_page

HOUR = 3600  # seconds


@public_page(max_age=HOUR)
def logo(request: HttpRequest, fingerprint: str) -> HttpResponse:  # noqa: ARG001 (the same for everybody)
    kept = SiteIdentity.objects.filter(pk=1, logo_hash=fingerprint).exclude(logo=b"").values_list("logo", flat=True)
    data = kept.first()
    if data is None:
        raise Http404("No such logo.")
    return HttpResponse(bytes(data), content_type="image/png")

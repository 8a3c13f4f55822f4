"""Where somebody was going when they were asked to log in (`next`), if it is of this site (T18)."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def onward_of(request: HttpRequest) -> str:
    """Empty for anything that a browser could take for another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    return wanted if url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure()) else ""

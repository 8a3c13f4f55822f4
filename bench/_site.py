"""What bench.pagecache serves: one public page, and a constant of the size this page has on the wire.

BENCH_BARE=1 takes every middleware away: the constant is then all that Django itself can do.
"""

import gzip
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "participons.settings")
os.environ.setdefault("SECRET_KEY", "for-the-benchmark-only")

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from socle.pagecache.decorators import public_page

WORDS = "La Région consulte ses habitants et leur doit une réponse : la voici, passage après passage. "
PAGE = ("<!doctype html><html lang=fr>" + "".join(f"<p>{n * n % 9973} {WORDS}</p>" for n in range(1000))).encode()
PACKED = gzip.compress(PAGE, 6, mtime=0)


@public_page()
def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE)


def constant(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(PACKED, headers={"Content-Length": str(len(PACKED))})


urlpatterns = [path("page/", page), path("constant/", constant)]

django.setup()
settings.ROOT_URLCONF = "bench._site"
if os.environ.get("BENCH_BARE"):
    settings.MIDDLEWARE = []
application = get_wsgi_application()

"""Public pages that are not in the cache: their time must not grow with the number of contributions."""

import html
import re
from collections.abc import Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.result import Result
from bench.volume import LARGE, SMALL, compare, ensure, visitor
from consultation.models import Contribution, Demarche
from socle.pagecache.store import store

AIM = 1.3
QUERIES = 8


def measure() -> Iterator[Result]:
    small, large = (_pages(ensure(count)) for count in (SMALL, LARGE))
    for name in small:
        few, many = compare(small[name], large[name])
        queries = _queries(small[name]), _queries(large[name])
        detail = f"{few * 1000:.1f} ms at {SMALL}, {many * 1000:.1f} ms at {LARGE}; {queries[1]} queries"
        yield Result(f"{name}, {LARGE} / {SMALL} contributions", many / few, AIM, at_least=False, detail=detail)
        same = queries[0] == queries[1] <= QUERIES
        yield Result(
            f"{name}, queries (same number, ≤ {QUERIES})", float(same), 1, detail=f"{queries[0]}, {queries[1]}"
        )


def _pages(demarche: Demarche) -> dict[str, str]:
    """Name → address; the deep page is the tenth."""
    url = f"{reverse('contributions')}?demarche={demarche.slug}"
    deep = url
    for _ in range(9):
        deep = _next(visitor().get(deep).text)
    newest = Contribution.objects.published().filter(demarche=demarche).select_related("demarche").newest()[0]
    return {
        "list": url,
        "list, tenth page": deep,
        "list, oldest first": f"{url}&tri=anciennes",
        "list, one thème": f"{url}&theme=2",
        "list, one enjeu": f"{url}&enjeu=2",
        "list, one collège and nature": f"{url}&college=3&nature=question",
        "list, one origin": f"{url}&origine=forum",
        "feed": f"{reverse('flux_contributions')}?demarche={demarche.slug}",
        "one contribution": newest.get_absolute_url(),
    }


def _next(page: str) -> str:
    link = re.search(r'<a href="([^"#]+)[^>]*rel="next"', page)
    return html.unescape(link[1]) if link else ""


def _queries(url: str) -> int:
    store.clear()
    with CaptureQueriesContext(connection) as asked:
        visitor().get(url)
    return len(asked)

"""The two démarches that pages are measured on: 1,000 contributions, and BENCH_N (1,000,000 for the real figures)."""

import io
import os
import statistics
import time
from collections.abc import Callable

from django.core.management import call_command
from django.test import Client

from consultation.models import Demarche
from consultation.volume.build import slug_of
from socle.pagecache.store import store

SMALL = 1000
LARGE = int(os.environ.get("BENCH_N", "200000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "40"))


def ensure(count: int) -> Demarche:
    if not Demarche.objects.filter(slug=slug_of(count)).exists():
        call_command("generate_volume", contributions=count, stdout=io.StringIO())
    return Demarche.objects.get(slug=slug_of(count))


def visitor() -> Client:
    return Client(SERVER_NAME="localhost")


def fetch(client: Client, url: str) -> float:
    """Seconds for one page that is not in the cache."""
    store.clear()
    start = time.perf_counter()
    response = client.get(url)
    taken = time.perf_counter() - start
    if response.status_code != 200:
        raise RuntimeError(f"{url}: {response.status_code}")
    return taken


def compare(
    first: str | Callable[[], str],
    second: str | Callable[[], str],
    rounds: int = ROUNDS,
    client: Client | None = None,
) -> tuple[float, float]:
    """The median times of two pages, in turns, so that a neighbour's load weighs on both alike."""
    client = client or visitor()
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 5):
        for url, kept in zip((first, second), times, strict=True):
            taken = fetch(client, url if isinstance(url, str) else url())
            if turn >= 5:  # the first ones fill the caches of both
                kept.append(taken)
    return statistics.median(times[0]), statistics.median(times[1])

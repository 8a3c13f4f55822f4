"""A public page from the page cache, its freshness check included, against a constant of the same size on the wire."""

from collections.abc import Iterator
from statistics import median

from bench.load import requests_per_second, served
from bench.result import Result

ROUNDS = 3


def measure() -> Iterator[Result]:
    with served("bench._site:application") as full, served("bench._site:application", BENCH_BARE="1") as bare:
        rates: dict[str, list[float]] = {"page": [], "constant": [], "bare": []}
        for _ in range(ROUNDS):
            rates["page"].append(requests_per_second(full, "/page/"))
            rates["constant"].append(requests_per_second(full, "/constant/"))
            rates["bare"].append(requests_per_second(bare, "/constant/"))
    page, constant, alone = (median(rates[name]) for name in ("page", "constant", "bare"))
    detail = f"{page:.0f}/s against {constant:.0f}/s; {alone:.0f}/s for the constant without any middleware"
    yield Result("public page from the page cache / constant", page / constant, 0.6, detail=detail)

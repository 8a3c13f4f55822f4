"""A public page from the page cache, its freshness check included, against a constant of the same size on the wire."""

from collections.abc import Iterator
from statistics import median

from bench.load import requests_per_second, served
from bench.result import Result

ROUNDS = 3


def measure() -> Iterator[Result]:
    with served("bench.site:application") as full, served("bench.site:application", BENCH_BARE="1") as bare:
        rates: dict[str, list[float]] = {"page": [], "constant": [], "bare": []}
        for _ in range(ROUNDS):
            rates["page"].append(requests_per_second(full, "/page/"))
            rates["constant"].append(requests_per_second(full, "/constant/"))
            rates["bare"].append(requests_per_second(bare, "/constant/"))
    page, constant, alone = (median(rates[name]) for name in ("page", "constant", "bare"))
    yield Result(
        "public page / constant, same middlewares", page / constant, 0.6, detail=f"{page:.0f}/s, {constant:.0f}/s"
    )
    yield Result("public page / constant, no middleware", page / alone, 0.6, detail=f"{page:.0f}/s, {alone:.0f}/s")

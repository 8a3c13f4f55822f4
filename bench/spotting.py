"""Pointing out what gives somebody away: the time it takes grows with the text, and no faster."""

from collections.abc import Iterator
from time import perf_counter

from bench.result import Result
from consultation.spotting import spot

AIM = 3  # ten times the text, against ten times the time: a pattern that looks back would give 10
SHORT, LONG = 10_000, 100_000  # characters
PIECES = ("a", "1", "06 12 34 ", "a@a.", "a@a.b-", "FR76 ", "1 ", "aa11", "(0", "+")


def measure() -> Iterator[Result]:
    for piece in PIECES:
        short, long = seconds(piece, SHORT), seconds(piece, LONG)
        ratio = long / short / (LONG / SHORT)
        detail = f"{short * 1000:.1f} → {long * 1000:.1f} ms"
        yield Result(f"spotting in « {piece} » {LONG} times", ratio, AIM, at_least=False, detail=detail)


def seconds(piece: str, length: int) -> float:
    text = (piece * length)[:length]
    times = []
    for _ in range(3):
        start = perf_counter()
        spot(text)
        times.append(perf_counter() - start)
    return min(times)

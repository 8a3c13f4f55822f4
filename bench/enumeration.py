"""Does an answer come sooner to a known address? Two hundred samples of each, in an order of chance, and a rank test.

The ratio is |z| of Mann and Whitney's test against 2.58: beyond 1, a hundred runs would call it chance but once. Each
sample is the whole of what a stranger may send (tests/alike.py), with the hash of passwords of a real portal; what is
answered is held against the first answer, byte by byte.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from math import sqrt

from django.test import override_settings

from bench.result import Result
from socle.comptes import limits
from socle.comptes.models import User
from socle.limiter.actions import Verdict
from tests.alike import attempt
from tests.entering import BY_PASSWORD, DOORS
from tests.factories import PASSWORD, make_demarche

SAMPLES = 200
CHANCE = 2.58
HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]


def measure() -> Iterator[Result]:
    free = Verdict(allowed=True)
    limits.may_ask, limits.may_try = (lambda *_: free), (lambda _: free)  # what is refused is not what is measured
    make_demarche()
    with override_settings(PASSWORD_HASHERS=HASHERS, ALLOWED_HOSTS=["testserver"]):
        known = [f"known{number:04}@example.org" for number in range(SAMPLES)]
        unknown = [f"other{number:04}@example.org" for number in range(SAMPLES)]
        make_accounts(known)
        for door in (*DOORS, BY_PASSWORD):
            yield compare(door, known, unknown)


def make_accounts(emails: list[str]) -> None:
    """All with the same password, hashed once."""
    blank = User()
    blank.set_password(PASSWORD)
    User.objects.bulk_create([User(email=email, password=blank.password) for email in emails])


def compare(door: str, known: list[str], unknown: list[str]) -> Result:
    expected = attempt(door, known[0])
    if {status for status, *_ in expected} - {200, 302, 422}:
        raise AssertionError(f"{door} does not answer as it does to people")
    asked = [(email, True) for email in known] + [(email, False) for email in unknown]
    random.shuffle(asked)
    times: dict[bool, list[float]] = {True: [], False: []}
    for email, is_known in asked:
        start = time.perf_counter()
        seen = attempt(door, email)
        times[is_known].append(time.perf_counter() - start)
        if seen != expected:
            raise AssertionError(f"{door} tells {email} from the others")
    middle = [1000 * sorted(found)[len(found) // 2] for found in times.values()]
    detail = f"medians {middle[0]:.2f} and {middle[1]:.2f} ms; same bytes and cookies, {2 * SAMPLES} times"
    return Result(f"a known address at {door}", abs(rank_test(times[True], times[False])) / CHANCE, 1, False, detail)


def rank_test(first: list[float], second: list[float]) -> float:
    """z of Mann and Whitney's U: how far the ranks of one lot are from those of the other."""
    ranked = sorted([(value, True) for value in first] + [(value, False) for value in second])
    ranks = sum(rank for rank, (_, is_first) in enumerate(ranked, 1) if is_first)
    n, m = len(first), len(second)
    u = ranks - n * (n + 1) / 2
    return (u - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)

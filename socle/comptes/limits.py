"""How often one may ask for a code, and try one. Ask before any transaction, before what is tried (socle.limiter).

In words. Anybody can type anybody's address, so a code is asked for by its address and by its network; each try counts
before it is looked at, for the address it would open and for the network it comes from. Two windows for each: a short
one that stops a robot, and a day, which leaves nothing to guess in eight digits. An honest try is given back.
The network is the one our own proxies saw (socle.network).
"""

from __future__ import annotations

from datetime import timedelta
from unicodedata import normalize

from django.conf import settings
from django.http import HttpRequest

from socle.limiter.actions import Limit, Verdict, refund, take_all
from socle.network import client_network

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
MAILS, MAILS_DAILY = Limit("compte-courriels", 4, QUARTER), Limit("compte-courriels", 15, DAY)
# A lycée, a town hall, a telephone network share one address between many people.
MAILS_FROM, MAILS_FROM_DAILY = Limit("compte-courriels-de", 60, HOUR), Limit("compte-courriels-de", 300, DAY)
TRIES_DAILY = 50  # of one address or account, whatever is tried

type Tries = list[tuple[Limit, str]]


def folded(account: str) -> str:
    """One account however its address is spelt; it counts alike whether it exists or not."""
    return normalize("NFKC", account).strip().casefold()


def may_ask(request: HttpRequest, email: str) -> Verdict:
    """A code by mail."""
    account, network = folded(email), client_network(request)
    return take_all([(MAILS, account), (MAILS_DAILY, account), (MAILS_FROM, network), (MAILS_FROM_DAILY, network)])


def tries(request: HttpRequest, kind: str, account: str) -> Tries:
    """What one try of a code or of a password counts against; `kind` says which, each has counters of its own."""
    per = timedelta(minutes=settings.LOGIN_MINUTES)
    account = folded(account)
    return [
        (Limit(f"{kind}-account", settings.LOGIN_TRIES_PER_ACCOUNT, per), account),
        (Limit(f"{kind}-account", TRIES_DAILY, DAY), account),
        (Limit(f"{kind}-address", settings.LOGIN_TRIES_PER_ADDRESS, per), client_network(request)),
    ]


def may_try(asked: Tries) -> Verdict:
    return take_all(asked)


def was_right(asked: Tries) -> None:
    """Only guesses count."""
    for limit, key in asked:
        refund(limit, key)

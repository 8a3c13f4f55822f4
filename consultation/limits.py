"""How often the forms of the trunk may be used. Ask before any transaction (see socle.limiter)."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest

from socle.limiter.actions import Limit, Verdict, refund, take, take_all
from socle.network import client_network

HOUR = timedelta(hours=1)
# A library, a lycée or a telephone network shares one address between many people.
WITH_EMAIL = Limit("contribution", 30, HOUR)
WITHOUT_EMAIL = Limit("contribution-sans-adresse", 6, HOUR)
# A number has 31¹¹ values: this leaves nothing to guess, and a clumsy reader has room.
LOOKUPS = Limit("suivi", 30, HOUR)
MAILS = Limit("courriels-a-une-adresse", 3, HOUR)


def may_contribute(request: HttpRequest, email: str) -> Verdict:
    """Counted once the form is right: a mistake costs nothing."""
    return take_all([(WITH_EMAIL if email else WITHOUT_EMAIL, client_network(request))])


def may_look_up(request: HttpRequest) -> bool:
    return take(LOOKUPS, client_network(request))


def right_number(request: HttpRequest) -> None:
    """A number that opens its page costs nothing: only guesses count."""
    refund(LOOKUPS, client_network(request))


def mail_allowed(email: str) -> bool:
    """At most three mails an hour to one address, over all forms: anybody can type anybody's address."""
    return take(MAILS, email.strip().casefold())

"""How often the forms of the trunk may be used. Ask before any transaction (see socle.limiter).

Contributions, in words. A mairie, a library, a lycée, a telephone network share one address between many people; a
robot has one address, or many, and mailboxes of its own if it wants. So:

- sixty an hour leave from one network, whoever sends them: a class of thirty, and the public computers beside it;
- beyond, only those with an e-mail address, up to 150: until somebody opens their mail they cost no moderator a minute;
- whoever confirms gives one back to the network they confirm from: people who answer their mail fill nothing up;
- over a day 240 and 600, which nobody gives back: a robot that opens mailboxes of its own stops there;
- what is refused is not counted: by insisting, nobody shuts the door on neighbours.

A mistake in the form, or the same form sent twice, counts for nothing. The network is the one our own proxies saw
(socle.network): what a client writes in X-Forwarded-For changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest

from consultation.models import Contribution
from socle.limiter.actions import Limit, Verdict, refund, take, take_all
from socle.network import client_network

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Limits of one name and length share their uses: with an address, one passes where others are stopped.
WITHOUT_EMAIL, WITHOUT_EMAIL_DAILY = Limit("contribution", 60, HOUR), Limit("contribution", 240, DAY)
WITH_EMAIL, WITH_EMAIL_DAILY = Limit("contribution", 150, HOUR), Limit("contribution", 600, DAY)
# A number has 31¹¹ values: this leaves nothing to guess, and a clumsy reader has room.
LOOKUPS = Limit("suivi", 30, HOUR)
# Each correction keeps the words before it.
CORRECTIONS = Limit("correction", 20, HOUR)
SIGNALEMENTS = Limit("signalement", 20, HOUR)
# Each asks for a mail, counted by address too; a lycée, or a town hall, may come all at once.
SOUTIENS = Limit("soutien", 100, HOUR)
LETTERS = Limit("lettre", 60, HOUR)
# Only the first step is counted, which asks for a mail: taking the place from the mail never waits.
INSCRIPTIONS = Limit("inscription", 150, HOUR)
MAILS = Limit("courriels-a-une-adresse", 3, HOUR)


def may_contribute(request: HttpRequest, email: str) -> Verdict:
    """Counted once the form is right: a mistake costs nothing."""
    limits = (WITH_EMAIL, WITH_EMAIL_DAILY) if email else (WITHOUT_EMAIL, WITHOUT_EMAIL_DAILY)
    network = client_network(request)
    return take_all([(limit, network) for limit in limits])


def confirmed(request: HttpRequest) -> None:
    """The address of a contribution is proved: it no longer counts against those who share the network."""
    refund(WITH_EMAIL, client_network(request))


def may_support(request: HttpRequest) -> Verdict:
    return take_all([(SOUTIENS, client_network(request))])


def may_look_up(request: HttpRequest) -> bool:
    return take(LOOKUPS, client_network(request))


def right_number(request: HttpRequest) -> None:
    """A number that opens its page costs nothing: only guesses count."""
    refund(LOOKUPS, client_network(request))


def may_correct(contribution: Contribution) -> bool:
    return take(CORRECTIONS, str(contribution.pk))


def may_report(request: HttpRequest) -> Verdict:
    """Counted once the form is right, as for contributions."""
    return take_all([(SIGNALEMENTS, client_network(request))])


def may_subscribe(request: HttpRequest) -> Verdict:
    return take_all([(LETTERS, client_network(request))])


def may_register(request: HttpRequest) -> Verdict:
    return take_all([(INSCRIPTIONS, client_network(request))])


def mail_allowed(email: str) -> bool:
    """At most three mails an hour to one address, over all forms: anybody can type anybody's address."""
    return take(MAILS, email.strip().casefold())

"""How often one may ask for a link. The mails to one address are counted together with every other form's."""

from datetime import timedelta

from django.http import HttpRequest

from socle.limiter.actions import Limit, Verdict, take, take_all
from socle.network import client_network

HOUR = timedelta(hours=1)
MAILS = Limit("courriels-a-une-adresse", 3, HOUR)  # shared with consultation.limits: one name, one length
ASKED = Limit("mes-donnees", 30, HOUR)


def may_ask(request: HttpRequest) -> Verdict:
    return take_all([(ASKED, client_network(request))])


def mail_allowed(email: str) -> bool:
    return take(MAILS, email.strip().casefold())

"""A citizen at the form that contributes, by HTTP: what the tests of writing, following and moderating share."""

import html
import re

from django.core import mail
from django.test import Client

from consultation import numero
from consultation.models import Contribution
from socle.courriels.actions import send_due

FORM = "/contributions/nouvelle/"
SAID = {
    "theme": "autre",
    "nature": "proposition",
    "title": "Des bus le soir",
    "body": "Après 20 h, plus rien ne part du lycée.",
    "display": "anonyme",
    "speaks_as": "personnel",
}


def key_of(client: Client) -> str:
    """The submission_key of a form just opened."""
    page = client.get(FORM).content.decode()
    return re.search(r'name="submission_key" value="([^"]+)"', page)[1]


def send(client: Client, **fields):
    return client.post(FORM, SAID | {"submission_key": key_of(client)} | fields)


def contribute(client: Client, **fields) -> Contribution:
    """Sent and received; the row."""
    known = set(Contribution.objects.values_list("pk", flat=True))
    response = send(client, **fields)
    assert response.status_code == 303, response.content.decode()
    return Contribution.objects.exclude(pk__in=known).get()


def number(contribution: Contribution) -> str:
    return numero.numero_of(contribution.submission_key)


def follow(contribution: Contribution) -> str:
    return f"/suivi/{number(contribution)}/"


def text_of(response) -> str:
    """The page as it is read, entities turned into what they stand for."""
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


def mails() -> list:
    """What the worker sends now, in the order of the outbox."""
    mail.outbox.clear()
    send_due(limit=100)
    return mail.outbox


def link_in(message) -> str:
    """The path of the link that confirms."""
    return re.search(r"https?://[^/]+(/contributions/confirmer/\S+)", message.body)[1]

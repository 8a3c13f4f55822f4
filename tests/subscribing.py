"""Somebody who asks for the letter, by HTTP and from their mailbox."""

import re

from consultation.letter_links import Reader
from consultation.models import Abonnement
from socle.comptes.models import Personne
from tests.writing import mails

ALICE = "alice@example.org"
FORM = "/lettre/"
WANTED = {"topics": ["tout"], "email": ALICE, "consent": "on"}


def ask(client, **fields):
    """The form opened, filled in and sent."""
    key = re.search(r'name="submission_key" value="([^"]+)"', client.get(FORM).text)[1]
    return client.post(FORM, {**WANTED, "submission_key": key} | fields)


def link(message, path="confirmer/"):
    return re.search(rf"https?://[^/]+(/lettre/{path}\S+)", message.body)[1]


def subscribe(client, **fields):
    """From the form to the confirmed abonnement; the reader."""
    ask(client, **fields)
    [message] = mails()
    client.post(link(message))
    return reader_of(fields.get("email", ALICE))


def reader_of(email):
    abonnement = Abonnement.objects.filter(personne=Personne.objects.with_email(email).get()).last()
    return Reader(abonnement.personne_id, abonnement.demarche_id)


def active():
    rows = Abonnement.objects.active().order_by("personne__email", "topic")
    return list(rows.values_list("personne__email", "topic"))

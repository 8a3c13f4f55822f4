"""The outbox as its tests use it: mails to p0, p1…, and what became of each."""

from django.db.models.functions import Now

from socle.courriels import actions
from socle.courriels.models import Envoi


def write(name="alice", **fields):
    values = {"subject": "Votre place", "text": "Bonjour,\n\nÀ lundi.", "dedupe_key": f"test:{name}"}
    return actions.enqueue(to=f"{name}@example.org", **values | fields)


def write_many(count):
    return [write(f"p{number}") for number in range(count)]


def let_time_pass():
    """What was postponed, or claimed by a process that vanished, is due now."""
    Envoi.objects.unfinished().update(next_attempt_at=Now())


def states():
    return dict(Envoi.objects.order_by("pk").values_list("to", "state"))

from celery import shared_task

from socle import doorbell
from socle.courriels import actions

BATCHES = 50  # then the worker looks at its other bells


@shared_task
def send_due() -> None:
    for _ in range(BATCHES):
        if not actions.send_due().go_on:
            return
    doorbell.ring(actions.SEND_DUE)


@shared_task
def read_bounces() -> None:
    actions.read_bounces()

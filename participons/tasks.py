from celery import shared_task

from participons.models import Heartbeat


@shared_task(name="participons.tasks.heartbeat")
def heartbeat() -> None:
    """Run by the worker like any other task, so that it also tells that tasks are taken and done."""
    Heartbeat.beat("worker")

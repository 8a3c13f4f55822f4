"""What the worker does for the forums: ids in, one action out."""

from celery import shared_task

from forums.actions import regard


@shared_task
def tell_groups() -> None:
    while regard.tell_due():
        pass

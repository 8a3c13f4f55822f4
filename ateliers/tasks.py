"""What the worker does for the ateliers: ids in, one action out."""

from celery import shared_task

from ateliers.actions import animations, late, renewal


@shared_task
def remind_late() -> None:
    while late.remind_late():
        pass


@shared_task
def renew_files() -> None:
    renewal.renew_files()


@shared_task
def end_animations() -> None:
    """Those whose last day is over."""
    animations.end_past()

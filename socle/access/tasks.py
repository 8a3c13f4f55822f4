from celery import shared_task

from socle.access import actions


@shared_task(name="socle.access.tasks.forget_old")
def forget_old() -> None:
    actions.forget_old()

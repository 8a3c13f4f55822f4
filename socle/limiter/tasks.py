from celery import shared_task

from socle.limiter import actions


@shared_task(name="socle.limiter.tasks.purge")
def purge() -> None:
    actions.purge()

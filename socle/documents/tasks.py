from celery import shared_task

from socle.documents import actions


@shared_task(name="socle.documents.tasks.purge")
def purge() -> None:
    actions.purge()

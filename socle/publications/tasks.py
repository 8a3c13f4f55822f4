from celery import shared_task

from socle.publications import actions


@shared_task(name="socle.publications.tasks.build_due")
def build_due() -> None:
    while actions.build_next():
        pass

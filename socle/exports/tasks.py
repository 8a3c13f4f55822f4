from celery import shared_task

from socle.exports import actions


@shared_task(name="socle.exports.tasks.build_due")
def build_due() -> None:
    while actions.build_next():
        pass
    actions.purge()

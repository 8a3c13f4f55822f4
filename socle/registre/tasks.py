from celery import shared_task

from socle.registre import actions


@shared_task(name="socle.registre.tasks.seal")
def seal() -> None:
    actions.seal()

from celery import shared_task

from socle.comptes import actions


@shared_task(name="socle.comptes.tasks.forget_sessions")
def forget_sessions() -> None:
    actions.forget_sessions()

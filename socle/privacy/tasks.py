from celery import shared_task

from socle.privacy.actions import archives, copies, keeping, leaving


@shared_task
def erase_due() -> None:
    while leaving.erase_next():
        pass
    leaving.close_done()


@shared_task
def copy_due() -> None:
    while copies.build_next():
        pass
    copies.purge()


@shared_task
def enforce() -> None:
    """What is over, by itself; public records, under a visa alone."""
    keeping.enforce()
    while archives.destroy_next():
        pass

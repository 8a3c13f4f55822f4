"""What the worker does for the trunk: ids in, one action out."""

from celery import shared_task

from consultation.actions import (
    digests,
    evaluations,
    moderation_figures,
    news,
    rappels,
    roles,
    textes,
    textes_files,
    textes_told,
    unconfirmed,
)


@shared_task
def remind_due() -> None:
    while rappels.remind_due():
        pass


@shared_task
def ask_evaluations() -> None:
    """Those who came are asked what they thought of it, the day after."""
    while evaluations.ask_due():
        pass


@shared_task
def publish_evaluations() -> None:
    evaluations.publish_due()


@shared_task
def remind_unconfirmed() -> None:
    after = 0
    while after := unconfirmed.remind_unconfirmed(after):
        pass


@shared_task
def count_moderation() -> None:
    moderation_figures.count_all()


@shared_task
def announce_due() -> None:
    """The news that have appeared go to those who asked."""
    news.announce_due()


@shared_task
def count_textes() -> None:
    """What the texts being written have treated, and what is left."""
    textes.count_drafts()


@shared_task
def tell_authors() -> None:
    """What a texte that has appeared makes of each contribution."""
    while textes_told.tell_due():
        pass


@shared_task
def renew_texte_files() -> None:
    """Those that say words which are no longer public are made again."""
    textes_files.renew_files()


@shared_task
def send_digests() -> None:
    """In one mail, to those who want it so."""
    digests.send_due()


@shared_task
def end_roles() -> None:
    """Those whose last day is over."""
    roles.end_past()

"""The Celery application, and the one table of what rings by itself."""

import os

from celery import Celery

from participons.embedded import broker

MINUTE = 60.0

# The work is rows in the database and each task looks for what is due: a bell lost or rung twice changes nothing.
# Intervals, never a crontab: local hours happen twice, or not at all, when the clocks change.
BELLS = {
    "participons.tasks.heartbeat": MINUTE,
    "socle.courriels.tasks.send_due": MINUTE,
    "socle.exports.tasks.build_due": MINUTE,
    "socle.publications.tasks.build_due": MINUTE,
    "socle.registre.tasks.seal": MINUTE,
    "consultation.tasks.remind_due": MINUTE,
    "consultation.tasks.ask_evaluations": MINUTE,
    "consultation.tasks.announce_due": MINUTE,
    "consultation.tasks.count_textes": MINUTE,
    "consultation.tasks.tell_authors": MINUTE,
    "consultation.tasks.send_digests": MINUTE,
    "ateliers.tasks.remind_late": MINUTE,
    "ateliers.tasks.renew_files": MINUTE,
    "consultation.tasks.renew_texte_files": MINUTE,
    "forums.tasks.tell_groups": MINUTE,
    "consultation.tasks.remind_unconfirmed": MINUTE,
    "socle.privacy.tasks.erase_due": MINUTE,
    "socle.privacy.tasks.copy_due": MINUTE,
    "socle.courriels.tasks.read_bounces": MINUTE,
    "consultation.tasks.count_moderation": 60 * MINUTE,
    "consultation.tasks.publish_evaluations": 60 * MINUTE,
    "socle.privacy.tasks.enforce": 60 * MINUTE,
    "socle.limiter.tasks.purge": 60 * MINUTE,
    "socle.comptes.tasks.forget_sessions": 60 * MINUTE,
    "socle.documents.tasks.purge": 60 * MINUTE,
    "consultation.tasks.end_roles": 60 * MINUTE,
    "ateliers.tasks.end_animations": 60 * MINUTE,
}

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "participons.settings")
broker.register()

app = Celery("participons")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {
    name: {"task": name, "schedule": seconds, "options": {"expires": MINUTE}} for name, seconds in BELLS.items()
}
app.autodiscover_tasks()

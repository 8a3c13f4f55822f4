from collections.abc import Sequence
from email.policy import SMTP
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend

from socle.courriels import kept


class KeptMailBackend(BaseEmailBackend):
    """Without EMAIL_URL nothing leaves the machine: mails stay in var/courriels, where staff read them."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        for message in email_messages:
            kept.keep(message.message(policy=SMTP))
        return len(email_messages)

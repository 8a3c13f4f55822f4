"""Beat with a memory of its own life and of nothing else: every bell is due each minute, a file would only break."""

import logging
import time
from datetime import timedelta
from typing import Any

from celery.beat import Scheduler as CeleryScheduler
from django.db import Error, connection

from participons.models import Heartbeat

logger = logging.getLogger(__name__)

BETWEEN_SIGNS = 20  # seconds
LONGER_THAN_ANY_INTERVAL = timedelta(days=1)


class Scheduler(CeleryScheduler):
    last_sign = float("-inf")

    def setup_schedule(self) -> None:
        """Everything is due at the start: what waited while nothing ran is done at once."""
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = self.app.now() - LONGER_THAN_ANY_INTERVAL

    def tick(self, *args: Any, **kwargs: Any) -> float:
        delay = super().tick(*args, **kwargs)
        if time.monotonic() - self.last_sign >= BETWEEN_SIGNS:
            self.last_sign = time.monotonic()
            self.give_sign()
        return delay

    def give_sign(self) -> None:
        try:
            Heartbeat.beat("beat")
        except Error as error:
            logger.warning("Beat cannot write its sign of life: %s", type(error).__name__)
        finally:
            connection.close()

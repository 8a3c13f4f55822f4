"""Many cases walked on one set-up, each as if it were alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside goes when it ends."""
    around = transaction.atomic()
    around._from_testcase = True  # as Django's own around a test: what is durable may stand in it
    with around:
        yield
        transaction.set_rollback(True)

"""Write down who saw a list of people, took it away, or changed what somebody may do; in the caller's transaction."""

from __future__ import annotations

from django.db import connection

from socle.access.models import Act, Trace
from socle.comptes.models import User

# A page that is turned, sorted or asked for each minute is one look. Whoever sees more people is written down again.
_LOOK = """INSERT INTO access_trace (by_id, act, what, scope, subject, rows)
    SELECT %(by)s, 'vue', %(what)s, %(scope)s, %(subject)s, %(rows)s WHERE NOT EXISTS (
        SELECT FROM access_trace WHERE by_id = %(by)s AND act = 'vue' AND what = %(what)s AND scope = %(scope)s
        AND subject = %(subject)s AND rows >= %(rows)s AND at > now() - interval '1 hour')"""


def looked(by: User, what: str, rows: int, *, scope: str = "", subject: str = "") -> None:
    """`rows` people were on a list; once an hour for each list, unless there are more than was written down.

    A list of nobody shows nobody: nothing is written.
    """
    if not rows:
        return
    said: dict[str, str | int] = {"by": by.pk, "what": what, "scope": scope, "subject": subject, "rows": rows}
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, said)


def took(by: User | None, what: str, rows: int, *, scope: str = "", subject: str = "") -> None:
    """A file of `rows` people left, each time that it leaves; None for the command line of the server."""
    Trace.objects.create(by=by, act=Act.TAKEN, what=what, rows=rows, scope=scope, subject=subject)


def role_changed(act: Act, by: User | None, whom: User, what: str, *, scope: str = "", subject: str = "") -> Trace:
    """`by` is None for what ended by its date."""
    return Trace.objects.create(by=by, act=act, what=what, whom=whom, scope=scope, subject=subject)


def forget_old() -> int:
    """What was looked at and taken more than a year ago; return how many."""
    return Trace.objects.outlived().delete()[0]

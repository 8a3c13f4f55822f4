"""One event, one line: what people type cannot forge another, and secrets in addresses are not written down."""

import logging
import re
import traceback
from typing import Any

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# A follow-up number, a confirmation or a reset link opens what it names.
# Typed with spaces it is a number still: what comes before the next slash goes.
SECRET_ADDRESS = re.compile(r"(/(?:suivi|recu|confirmer|reset|compte)/)(?:[^/?\"']+(?=/)|[^\s/?\"']+)")


class OneLineFormatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        text = CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), super().formatMessage(record))
        return SECRET_ADDRESS.sub(r"\1…", text)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Where it broke and the kind of error; its text is left out, it may hold what somebody wrote."""
        kind, _, trace = ei
        lines = [*"".join(traceback.format_tb(trace)).splitlines(), kind.__name__ if kind else "no error"]
        return "\n".join(f"  | {line}" for line in lines)

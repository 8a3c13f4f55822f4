"""Cells that a spreadsheet would run as a formula get one more « ' »; reading takes one off. In every format.

A text that already starts with « ' » before such a sign gets one too: so what was written is always read back.
"""

import re

_RISKY = re.compile(r"\A'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"\A'+[=+\-@\t\r]")


def neutralise(text: str) -> str:
    return f"'{text}" if _RISKY.match(text) else text


def restore(text: str) -> str:
    """The text that `neutralise` was given."""
    return text[1:] if _NEUTRALISED.match(text) else text


def neutralised_sql(expression: str) -> str:
    """The same as `neutralise`, as an SQL expression; the first character is looked at before any pattern is."""
    return (
        f"CASE WHEN left({expression}, 1) IN ('''', '=', '+', '-', '@', E'\\t', E'\\r') "
        f"THEN regexp_replace({expression}, E'^(''*[-=+@\\t\\r])', E'''\\\\1') ELSE {expression} END"
    )

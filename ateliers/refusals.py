"""Why nothing was written, in the sentence that whoever asked will read."""

from __future__ import annotations

from ateliers.models import Production


class Refusal(Exception):  # noqa: N818 (what was asked makes no sense any more; nothing went wrong)
    pass


class TableShut(Exception):  # noqa: N818 (as above)
    """Closed, or over, while somebody was typing: every page of the table says it the same way."""


class SheetTyped(Refusal):
    """The paper sheet of that number has its production already."""


class Overtaken(Refusal):
    """Another table wrote first: `production` is as it is now, to be compared with what was typed."""

    def __init__(self, sentence: str, production: Production) -> None:
        super().__init__(sentence)
        self.production = production

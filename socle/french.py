"""What French asks of a template that Django does not know; in every template, without being loaded (settings)."""

from __future__ import annotations

from collections.abc import Sized

from django import template

register = template.Library()


@register.filter
def plural(count: object, forms: str = "s") -> str:
    """The ending, or the words (« est,sont »), that go with a number: « 0 place », « 1 place », « 2 places ».

    French is in the plural from two on. `count` is a number, written or not (« 1 020 »), or what is counted.
    """
    one, _, several = forms.rpartition(",")
    return several if _number(count) >= 2 else one


def _number(count: object) -> float:
    if isinstance(count, int | float):
        return abs(count)
    if isinstance(count, str):
        return int("".join(filter(str.isdecimal, count)) or 0)
    return len(count) if isinstance(count, Sized) else 0

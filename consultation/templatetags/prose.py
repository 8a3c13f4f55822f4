"""Plain text written by staff or by citizens, shown as paragraphs and lists, always escaped."""

import re
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from socle.dates import MONTHS, day_label
from socle.written import Block, Kind, grouped, paragraphs

register = template.Library()

NBSP = "\u00a0"
_BEFORE = re.compile(r"(?<=\S)[ \u202f](?=[?!:;»])")
_AFTER = re.compile(r"«[ \u202f]")
_DAY = re.compile(rf"(?:(?<=\d)|(?<=1er)) (?=(?:{'|'.join(MONTHS)})\b)")
_HOUR = re.compile(r"(?<=\d) (?=h\b)|(?<=\dh) (?=\d\d\b)|(?<=\d h) (?=\d\d\b)")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


@register.filter
def typo(value: object) -> str:
    """French typography: curly apostrophes, no-break spaces where no line ends (« ici ? », « 7 mars », « 9 h 30 »)."""
    text = _DAY.sub(NBSP, _BEFORE.sub(NBSP, _HOUR.sub(NBSP, str(value or ""))))
    return _APOSTROPHE.sub("’", _AFTER.sub(f"«{NBSP}", text))


@register.filter
def day(value: date | datetime | None) -> str:
    """« 1er avril 2011 »; an instant is said in the portal's time."""
    return _day(value, weekday=False)


@register.filter
def weekday(value: date | datetime | None) -> str:
    """« vendredi 1er avril 2011 »."""
    return _day(value)


@register.filter
def day_of_year(value: date | datetime | None) -> str:
    """« 1er avril », of what is near enough to need no year."""
    return _day(value, weekday=False, year=False)


def _day(value: date | datetime | None, **said: bool) -> str:
    if not value:
        return ""
    return typo(day_label(timezone.localdate(value) if isinstance(value, datetime) else value, **said))


@register.filter
def thousands(value: int) -> str:
    """« 1 243 »."""
    return grouped(value)


@register.filter
def dialled(phone: object) -> str:
    """A telephone number as a telephone takes it: « 03 20 00 00 00 » is 0320000000."""
    return re.sub(r"[^+\d]", "", str(phone or ""))


@register.filter
def announced(sentence: object, by: object) -> SafeString:
    """The sentence, its first words in bold where they are those that announce it."""
    whole, first = typo(sentence), typo(by).strip()
    if not first or not whole.lower().startswith(first.lower()):
        return escape(whole)
    return format_html("<strong>{}</strong>{}", whole[: len(first)], whole[len(first) :])


@register.filter
def opening(value: object) -> str:
    """The first paragraph, for a list."""
    return typo(re.split(r"\n\s*\n", str(value or "").replace("\r\n", "\n").strip())[0])


@register.filter
def prose(value: object) -> SafeString:
    """Paragraphs between empty lines; lines that start with a dash make a list."""
    return mark_safe("".join(map(_markup, paragraphs(str(value or "")))))  # noqa: S308 (escaped in _markup)


def _markup(block: Block) -> str:
    said = [escape(typo(line.text)) for line in block.lines]
    if block.kind == Kind.ITEMS:
        return "<ul>" + "".join(f"<li>{one}</li>" for one in said) + "</ul>"
    return "<p>" + "<br>".join(said) + "</p>"

"""The words of a contribution as a moderator reads them: as they were written, what is spotted pointed out in words."""

from django import template
from django.utils.html import escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from consultation.spotting import Spot, spot

register = template.Library()


@register.filter
def spotted(text: object) -> SafeString:
    """« 06 12 34 56 78 [numéro de téléphone] », the whole escaped."""
    whole, out, end = str(text or ""), "", 0
    for one in spot(whole):
        out += escape(whole[end : one.start]) + _marked(whole, one)
        end = one.end
    return mark_safe(out + escape(whole[end:]))  # noqa: S308 (each piece is escaped)


@register.filter
def spotted_prose(text: object) -> SafeString:
    """The same, in paragraphs."""
    return mark_safe(linebreaks(spotted(text)))  # noqa: S308 (escaped above)


def _marked(whole: str, one: Spot) -> SafeString:
    return format_html('<mark>{} <span class="spot">[{}]</span></mark>', whole[one.start : one.end], one.label)

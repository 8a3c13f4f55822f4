"""Two versions of a text as they are read, and as they are heard: what was removed, what was added."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from consultation.coverage import Coverage
from consultation.owed import owed as still_owed
from consultation.textes import Regle
from socle.difference import ADDED, REMOVED, Piece

register = template.Library()

# Colour and underlining say nothing to who listens: the brackets do, in words.
FORMS = {
    REMOVED: '<del><span class="sr-only">[retiré&nbsp;: </span>{}<span class="sr-only">]</span></del>',
    ADDED: '<ins><span class="sr-only">[ajouté&nbsp;: </span>{}<span class="sr-only">]</span></ins>',
}


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """Always escaped; without white space of its own, for lines are kept as they were typed."""
    return format_html_join("", "{}", ((format_html(FORMS.get(one.kind, "{}"), one.text),) for one in pieces))


@register.filter
def owed(coverage: Coverage, regle: Regle) -> list[str]:
    """What a provisional version still owes, counted: « 63 contributions sans réponse », « 1 passage sans source »."""
    return still_owed(coverage, regle)

from django import template
from django.template.defaultfilters import force_escape, linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

INDENT = "    "
ASIDE = "margin:0 0 1em;padding:0 0 0 1em;border-left:3px solid #8a94a0"


@register.filter
def quoted(value: object) -> str:
    """In a text mail: what a person typed, every line of it indented."""
    return "\n".join(f"{INDENT}{line}".rstrip() for line in str(value).splitlines())


@register.filter
def quoted_html(value: object) -> SafeString:
    """In an HTML mail: the same, escaped, line by line."""
    return format_html('<blockquote style="{}">{}</blockquote>', ASIDE, linebreaksbr(force_escape(value)))

from django import template
from django.template.defaultfilters import force_escape, linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

INDENT = "    "
# The two colours of the site's buttons; set both, since a mail program may be dark or light.
BUTTON = "display:inline-block;padding:.6em 1.1em;border-radius:4px;background:#14527a;color:#fff;font-weight:600"
ASIDE = "margin:0 0 1em;padding:0 0 0 1em;border-left:3px solid #8a94a0"


@register.filter
def quoted(value: object) -> str:
    """In a text mail: what a person typed, every line of it indented."""
    return "\n".join(f"{INDENT}{line}".rstrip() for line in str(value).splitlines())


@register.filter
def quoted_html(value: object) -> SafeString:
    """In an HTML mail: the same, escaped, line by line."""
    return format_html('<blockquote style="{}">{}</blockquote>', ASIDE, linebreaksbr(force_escape(value)))


@register.simple_tag
def action(url: str, label: str) -> SafeString:
    """In an HTML mail: the one thing to do. The text mail says it, and gives the address alone on a line."""
    return format_html('<p style="margin:1.5em 0"><a href="{}" style="{}">{}</a></p>', url, BUTTON, label)

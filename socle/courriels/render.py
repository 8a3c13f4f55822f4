"""The three templates of a mail, in one call."""

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template import Context, Engine, TemplateDoesNotExist

from socle.identity.models import SiteIdentity
from socle.text import clean_text

SUBJECT = 70  # signs that a telephone or a list of messages shows
COLUMNS = 76  # of the text version; an address stays whole, however long
_BOUND = re.compile(r" (?=[:;!?»](?:\s|<|$))|(?<=«) ")  # French spaces, where a line must not break
_ADDRESS = re.compile(r"https?://\S+$")
_HOLE = re.compile(r"\n{3,}")
_INDENT = re.compile(r"(?:- |[ ]*)")


def render_mail(template_name: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML of `<name>_subject.txt`, `<name>_body.txt` and, where there is one, `<name>_body.html`.

    Text is not HTML: nothing is escaped in .txt, everything is in .html. What a person typed is a value,
    never a template, and no link is made of it: show it with the filter `quoted` (`{% load courriels %}`),
    which sets it apart from what the site says. `site_name`, `region_name` and `site_url` are there unless
    given; links start with `site_url`, never with the host of a request. A subject is cut at 70 signs, lines at 76.
    """
    identity = SiteIdentity.current()
    values = {
        "site_name": identity.site_name,
        "region_name": identity.region_name,
        "contact_email": identity.contact_email,
        "site_url": settings.SITE_URL,
        **context,
    }
    subject = shortened(clean_text(_render(f"{template_name}_subject.txt", values, escape=False), multiline=False))
    text = clean_text(_render(f"{template_name}_body.txt", values, escape=False), multiline=True)
    try:
        html = _render(f"{template_name}_body.html", values | {"mail_subject": subject}, escape=True)
    except TemplateDoesNotExist as error:
        if str(error) != f"{template_name}_body.html":
            raise
        html = ""
    return subject, wrapped(text) + "\n", html.strip()


def shortened(subject: str) -> str:
    """At most SUBJECT signs, cut between two words where it can be."""
    if len(subject) <= SUBJECT:
        return subject
    words = subject[:SUBJECT].rsplit(" ", 1)[0]
    return words[: SUBJECT - 1].rstrip(" ,;:\u00a0") + "…"


def wrapped(text: str) -> str:
    """Lines of at most COLUMNS signs; what was indented stays so, and so does an item under its dash."""
    lines = "\n".join(_wrapped_line(line) for line in text.split("\n"))
    return _HOLE.sub("\n\n", lines)  # where something in the template had nothing to say


def _wrapped_line(line: str) -> str:
    address = _ADDRESS.search(line)
    if address and address.start() <= COLUMNS:
        return line  # alone or after its few words, where mail programs make a link of it
    indent = _INDENT.match(line)[0]  # type: ignore[index]
    lines = textwrap.wrap(
        line[len(indent) :],
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def _render(name: str, values: dict[str, Any], *, escape: bool) -> str:
    # No request, so no context processor and no nonce: a mail is the same for any process that writes it.
    text = Engine.get_default().get_template(name).render(Context(values, autoescape=escape))
    return _BOUND.sub("\N{NO-BREAK SPACE}", text)

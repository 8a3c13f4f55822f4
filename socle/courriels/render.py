"""The three templates of a mail, in one call."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template import Context, Engine, TemplateDoesNotExist

from socle.identity.models import SiteIdentity
from socle.text import clean_text


def render_mail(template_name: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML of `<name>_subject.txt`, `<name>_body.txt` and, where there is one, `<name>_body.html`.

    Text is not HTML: nothing is escaped in .txt, everything is in .html. What a person typed is a value,
    never a template, and no link is made of it: show it with the filter `quoted` (`{% load courriels %}`),
    which sets it apart from what the site says. `site_name`, `region_name` and `site_url` are there unless
    given; links start with `site_url`, never with the host of a request.
    """
    identity = SiteIdentity.current()
    values = {
        "site_name": identity.site_name,
        "region_name": identity.region_name,
        "site_url": settings.SITE_URL,
        **context,
    }
    subject = clean_text(_render(f"{template_name}_subject.txt", values, escape=False), multiline=False)
    text = clean_text(_render(f"{template_name}_body.txt", values, escape=False), multiline=True)
    try:
        html = _render(f"{template_name}_body.html", values | {"mail_subject": subject}, escape=True)
    except TemplateDoesNotExist as error:
        if str(error) != f"{template_name}_body.html":
            raise
        html = ""
    return subject, text + "\n", html.strip()


def _render(name: str, values: dict[str, Any], *, escape: bool) -> str:
    # No request, so no context processor and no nonce: a mail is the same for any process that writes it.
    return Engine.get_default().get_template(name).render(Context(values, autoescape=escape))

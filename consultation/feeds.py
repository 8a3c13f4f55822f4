"""The feed of the newest published contributions, in Atom."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks

from consultation.filters import Frame
from consultation.models import Contribution, Demarche
from socle.pagecache.decorators import public_page
from socle.text import clean_text

ITEMS = 30


@public_page("demarche")
def contributions(request: HttpRequest) -> HttpResponse:
    """Of the current démarche, or of `?demarche=`; without one, a valid feed that holds nothing."""
    slug = request.GET.get("demarche", "")
    frame = Frame.read(slug)
    if frame is None and slug:
        return HttpResponse(status=404)
    demarche = frame.demarche if frame else None
    feed = _feed(demarche, slug)
    if demarche:
        rows = Contribution.objects.published().without_reactions().filter(demarche=demarche).newest()
        for row in rows.select_related("theme").defer("tracking_hash")[:ITEMS]:
            row.demarche = demarche
            _add(feed, row)
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _feed(demarche: Demarche | None, slug: str) -> Atom1Feed:
    own = reverse("flux_contributions") + (f"?demarche={slug}" if slug else "")
    return Atom1Feed(
        title=f"Contributions – {clean_text(demarche.title, multiline=False) if demarche else 'Participons'}",
        link=absolute(reverse("contributions")),
        description="",
        subtitle="Les contributions publiées, les plus récentes d’abord.",
        language="fr",
        feed_url=absolute(own),
        feed_guid=tag(f"contributions:{demarche.code if demarche else ''}"),
    )


def _add(feed: Atom1Feed, row: Contribution) -> None:
    feed.add_item(
        title=clean_text(row.title, multiline=False),
        link=absolute(row.get_absolute_url()),
        # Atom1Feed says the summary is HTML: the text is escaped, its line ends become tags.
        description=str(linebreaks(clean_text(row.body, multiline=True), autoescape=True)),
        unique_id=tag(f"contribution:{row.reference}"),
        unique_id_is_permalink=False,
        author_name=clean_text(row.signature, multiline=False),
        pubdate=row.published_at,
        updateddate=row.published_at,
        categories=[clean_text(row.theme.question, multiline=False)] if row.theme else [],
    )


def tag(name: str) -> str:
    """An identity that survives a change of path (RFC 4151)."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026-01-01:{name}"


def absolute(path: str) -> str:
    return settings.SITE_URL + path

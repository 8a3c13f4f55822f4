"""The feeds of the newest contributions and of the news, in Atom."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks

from consultation.filters import Frame
from consultation.models import Contribution, Demarche
from consultation.views.news import demarche_asked, shown
from consultation.views.news import until as news_until
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
    feed = _feed(CONTRIBUTIONS, demarche, slug)
    if demarche:
        rows = Contribution.objects.published().without_reactions().filter(demarche=demarche).newest()
        for row in rows.select_related("theme").defer("tracking_hash")[:ITEMS]:
            row.demarche = demarche
            _add(feed, row)
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


@public_page("demarche", until=news_until)
def actualites(request: HttpRequest) -> HttpResponse:
    """The same, of its news."""
    demarche = demarche_asked(request)
    feed = _feed(ACTUALITES, demarche, request.GET.get("demarche", ""))
    if demarche:
        for row in shown(demarche)[:ITEMS]:
            feed.add_item(
                title=clean_text(row.title, multiline=False),
                link=absolute(row.get_absolute_url()),
                description=str(linebreaks(clean_text(row.body, multiline=True), autoescape=True)),
                unique_id=tag(f"actualite:{row.pk}"),
                unique_id_is_permalink=False,
                author_name=clean_text(demarche.owner, multiline=False),
                pubdate=row.published_at,
                updateddate=row.published_at,
            )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


@dataclass(frozen=True)
class Kind:
    """What a feed is of: the name of its list in the URL map, its title, and what it says of itself."""

    name: str
    title: str
    subtitle: str


CONTRIBUTIONS = Kind("contributions", "Contributions", "Les contributions publiées, les plus récentes d’abord.")
ACTUALITES = Kind("actualites", "Actualités", "Les nouvelles de la démarche, les plus récentes d’abord.")


def _feed(kind: Kind, demarche: Demarche | None, slug: str) -> Atom1Feed:
    own = reverse(f"flux_{kind.name}") + (f"?demarche={slug}" if slug else "")
    return Atom1Feed(
        title=f"{kind.title} – {clean_text(demarche.title, multiline=False) if demarche else 'Participons'}",
        link=absolute(reverse(kind.name)),
        description="",
        subtitle=kind.subtitle,
        language="fr",
        feed_url=absolute(own),
        feed_guid=tag(f"{kind.name}:{demarche.code if demarche else ''}"),
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

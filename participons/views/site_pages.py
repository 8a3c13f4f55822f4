"""The pages a French public site owes, and what machines read first."""

# ruff: noqa: ARG001 (a view is given the request)

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from ateliers.models import Atelier
from consultation.line import Line
from consultation.models import Demarche, FrequentQuestion
from participons import sitemaps
from participons.questions import GROUPS as QUESTIONS
from socle.identity.models import SiteIdentity
from socle.pagecache.decorators import public_page

SECURITY_TXT_DAYS = 180  # under the year that RFC 9116 asks for


@public_page()
def accessibilite(request: HttpRequest) -> HttpResponse:
    return render(request, "participons/accessibilite.html")


@public_page()
def mentions_legales(request: HttpRequest) -> HttpResponse:
    return render(request, "participons/mentions_legales.html")


@public_page()
def donnees_personnelles(request: HttpRequest) -> HttpResponse:
    return render(request, "participons/donnees_personnelles.html", {"retention": settings.RETENTION.values()})


@public_page()
def contact(request: HttpRequest) -> HttpResponse:
    """Addresses and no form: what is written here would be one more letter box for the team to empty, and one more
    place that keeps what strangers say of themselves. A contribution, a signalement and a recourse have their own."""
    return render(request, "participons/contact.html")


@public_page()
def questions(request: HttpRequest) -> HttpResponse:
    """Those of the démarches that are open, the current one first, then the portal's own."""
    groups: dict[str, list[Any]] = {}
    for one in FrequentQuestion.objects.shown():
        groups.setdefault(one.demarche.title, []).append(one)
    return render(request, "participons/questions.html", {"groups": [*groups.items(), *QUESTIONS]})


@public_page()
def plan_du_site(request: HttpRequest) -> HttpResponse:
    demarche = Demarche.objects.current()
    if demarche is None:
        return render(request, "participons/plan_du_site.html")
    ateliers = Atelier.objects.filter(demarche=demarche).select_related("demarche").order_by("rank")
    context = {
        "demarche": demarche,
        "line": Line.of(demarche),
        "themes": demarche.themes.select_related("demarche").order_by("rank"),
        "ateliers": ateliers,
    }
    return render(request, "participons/plan_du_site.html", context)


@public_page()
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116; where no address is known yet, the contact page is one."""
    identity = SiteIdentity.current()
    email = identity.security_contact or identity.contact_email
    contact_uri = f"mailto:{email}" if email else settings.SITE_URL + reverse("contact")
    expires = timezone.localdate() + timedelta(days=SECURITY_TXT_DAYS)
    lines = [
        f"Contact: {contact_uri}",
        f"Expires: {expires}T00:00:00Z",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@public_page()
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /suivi/",
        "Disallow: /contributions/nouvelle/",
        "Disallow: /*?q=",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@public_page()
def sitemap(request: HttpRequest) -> HttpResponse:
    context = {"base": settings.SITE_URL, "paths": sitemaps.addresses()}
    return render(request, "participons/sitemap.xml", context, content_type="application/xml; charset=utf-8")

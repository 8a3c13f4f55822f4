"""The URL map: the roof's own pages, then one include per floor."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from participons.health import sante
from participons.views import (
    contribution,
    donnees,
    espace,
    etapes,
    home,
    inscriptions,
    passage,
    production,
    registre,
    rencontres,
    search,
    short,
    site_pages,
    themes,
)
from socle.identity.views import logo

urlpatterns = [
    path("", home.accueil, name="accueil"),
    path("demarches/<slug:slug>/etapes/<int:rank>/", etapes.etape, name="etape"),
    path("demarches/<slug:slug>/themes/<int:rank>/", themes.theme, name="theme"),
    path("rencontres/", rencontres.agenda, name="rencontres"),
    path("rencontres/<int:pk>/", rencontres.rencontre, name="rencontre"),
    path("rencontres/<int:pk>/inscription/", inscriptions.rencontre_inscription, name="rencontre_inscription"),
    path("rencontres/<int:pk>.ics", rencontres.rencontre_ics, name="rencontre_ics"),
    path("agenda.ics", rencontres.agenda_ics, name="agenda_ics"),
    path(
        "demarches/<slug:slug>/ateliers/<int:rank>/productions/<str:reference>/",
        production.production,
        name="production",
    ),
    path("", include("forums.urls")),
    path("", include("ateliers.urls")),
    re_path(
        r"^contributions/(?P<reference>[A-Z][A-Z0-9]{1,7}-[0-9]{1,18})/$",
        contribution.contribution,
        name="contribution",
    ),
    path("textes/<int:pk>/passages/<int:key>/", passage.passage, name="passage"),
    path("mon-espace/", espace.espace, name="espace"),
    path("mon-espace/soutiens/", espace.soutiens, name="espace_soutiens"),
    path("mon-espace/nouvelles/", espace.nouvelles, name="espace_nouvelles"),
    path("mon-espace/papier/", espace.papier, name="espace_papier"),
    path("donnees/", donnees.donnees, name="donnees"),
    path("donnees/<slug:slug>/contributions.csv", donnees.contributions_csv, name="donnees_contributions"),
    path("registre/", registre.registre, name="registre"),
    path("registre/verifier/", registre.verifier, name="registre_verifier"),
    path("registre/registre.jsonl", registre.registre_jsonl, name="registre_jsonl"),
    path("recherche/", search.search, name="recherche"),
    path("", include("consultation.urls")),
    # Short addresses, for posters and QR codes.
    path("etapes/<int:rank>/", short.short, {"name": "etape"}, name="etape_short"),
    path("themes/<int:rank>/", short.short, {"name": "theme"}, name="theme_short"),
    path("ateliers/", short.short, {"name": "ateliers"}, name="ateliers_short"),
    path("ateliers/<int:rank>/", short.short, {"name": "atelier"}, name="atelier_short"),
    path("ateliers/<int:rank>/groupe/", short.short, {"name": "atelier_groupe"}, name="atelier_groupe_short"),
    path(
        "ateliers/<int:rank>/seances/<int:seance>/compte-rendu/",
        short.short,
        {"name": "compte_rendu"},
        name="compte_rendu_short",
    ),
    path("ateliers/<int:rank>/productions/", short.short, {"name": "productions"}, name="productions_short"),
    path(
        "ateliers/<int:rank>/productions/<str:reference>/",
        short.short,
        {"name": "production"},
        name="production_short",
    ),
    path(
        "ateliers/<int:rank>/participation/",
        short.short,
        {"name": "atelier_participation"},
        name="atelier_participation_short",
    ),
    # What a French public site owes.
    path("accessibilite/", site_pages.accessibilite, name="accessibilite"),
    path("mentions-legales/", site_pages.mentions_legales, name="mentions_legales"),
    path("donnees-personnelles/", site_pages.donnees_personnelles, name="donnees_personnelles"),
    path("contact/", site_pages.contact, name="contact"),
    path("questions/", site_pages.questions, name="questions"),
    path("plan-du-site/", site_pages.plan_du_site, name="plan_du_site"),
    path(".well-known/security.txt", site_pages.security_txt, name="security_txt"),
    path("sitemap.xml", site_pages.sitemap, name="sitemap"),
    path("robots.txt", site_pages.robots, name="robots"),
    path("logo.<str:fingerprint>.png", logo, name="logo"),
    path("sante/", sante, name="sante"),
    path("", include("socle.privacy.urls")),
    path("exports/", include("socle.exports.urls")),
    path("compte/", include("socle.comptes.urls")),
    path("admin/", admin.site.urls),
]

if settings.FRANCECONNECT:
    urlpatterns.append(path("compte/franceconnect/", include("socle.franceconnect.urls")))

handler400 = "participons.errors.bad_request"
handler403 = "participons.errors.permission_denied"
handler404 = "participons.errors.page_not_found"
handler500 = "participons.errors.server_error"

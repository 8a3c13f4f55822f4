"""The addresses of the ateliers."""

from django.urls import path, re_path

from ateliers.views import ateliers, comptes_rendus, fiche, groups, participation, productions, table, table_before

SEANCE = "demarches/<slug:slug>/ateliers/<int:rank>/seances/<int:seance>/"

urlpatterns = [
    path("demarches/<slug:slug>/ateliers/", ateliers.ateliers, name="ateliers"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/", ateliers.atelier, name="atelier"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/groupe/", groups.group, name="atelier_groupe"),
    path("ateliers/membre/<str:signed>/", groups.membre, name="membre"),
    path(f"{SEANCE}compte-rendu/", comptes_rendus.compte_rendu, name="compte_rendu"),
    re_path(
        r"^demarches/(?P<slug>[-a-zA-Z0-9_]+)/ateliers/(?P<rank>[0-9]+)/seances/(?P<seance>[0-9]+)/"
        r"compte-rendu\.(?P<extension>pdf|docx)$",
        comptes_rendus.compte_rendu_file,
        name="compte_rendu_file",
    ),
    path("compte-rendu/<str:signed>/", comptes_rendus.compte_rendu_present, name="compte_rendu_present"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/productions/", productions.productions, name="productions"),
    path("fiche/<int:pk>/<int:number>/", fiche.fiche, name="fiche"),
    path("table/<str:signed>/", table.table, name="table"),
    path("table/<str:signed>/corriger/<int:pk>/", table.table_correct, name="table_correct"),
    path("table/<str:signed>/avant/", table_before.table_before, name="table_before"),
    path("table/<str:signed>/avant/<int:pk>/", table_before.table_reword, name="table_reword"),
    path("table/<str:signed>/fusionner/", table_before.table_merge, name="table_merge"),
    path(
        "demarches/<slug:slug>/ateliers/<int:rank>/participation/",
        participation.atelier_participation,
        name="atelier_participation",
    ),
]

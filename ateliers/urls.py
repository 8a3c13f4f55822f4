"""The addresses of the ateliers."""

from django.urls import path

from ateliers.views import ateliers, fiche, productions, table, table_before

urlpatterns = [
    path("demarches/<slug:slug>/ateliers/", ateliers.ateliers, name="ateliers"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/", ateliers.atelier, name="atelier"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/productions/", productions.productions, name="productions"),
    path(
        "demarches/<slug:slug>/ateliers/<int:rank>/productions/<str:reference>/",
        productions.production,
        name="production",
    ),
    path("fiche/<int:pk>/<int:number>/", fiche.fiche, name="fiche"),
    path("table/<str:signed>/", table.table, name="table"),
    path("table/<str:signed>/corriger/<int:pk>/", table.table_correct, name="table_correct"),
    path("table/<str:signed>/avant/", table_before.table_before, name="table_before"),
    path("table/<str:signed>/avant/<int:pk>/", table_before.table_reword, name="table_reword"),
    path("table/<str:signed>/fusionner/", table_before.table_merge, name="table_merge"),
]

"""The addresses of the ateliers."""

from django.urls import path

from ateliers.views import ateliers
from ateliers.views.participation import atelier_participation

urlpatterns = [
    path("demarches/<slug:slug>/ateliers/", ateliers.ateliers, name="ateliers"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/", ateliers.atelier, name="atelier"),
    path(
        "demarches/<slug:slug>/ateliers/<int:rank>/participation/", atelier_participation, name="atelier_participation"
    ),
]

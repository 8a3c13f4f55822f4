"""The addresses of the ateliers."""

from django.urls import path

from ateliers.views import ateliers

urlpatterns = [
    path("demarches/<slug:slug>/ateliers/", ateliers.ateliers, name="ateliers"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/", ateliers.atelier, name="atelier"),
]

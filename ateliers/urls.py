"""The addresses of the ateliers."""

from django.urls import path

from ateliers.views import ateliers, groups

urlpatterns = [
    path("demarches/<slug:slug>/ateliers/", ateliers.ateliers, name="ateliers"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/", ateliers.atelier, name="atelier"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/groupe/", groups.group, name="atelier_groupe"),
    path("ateliers/membre/<str:signed>/", groups.membre, name="membre"),
]

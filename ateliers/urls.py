"""The addresses of the ateliers."""

from django.urls import path

from ateliers import views

urlpatterns = [
    path("demarches/<slug:slug>/ateliers/", views.ateliers, name="ateliers"),
    path("demarches/<slug:slug>/ateliers/<int:rank>/", views.atelier, name="atelier"),
]

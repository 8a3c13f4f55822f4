"""The addresses of the forums."""

from django.urls import path

from forums.views import croisements, pages, regard, remarques

urlpatterns = [
    path("forums/", pages.forums, name="forums"),
    path("forums/<int:pk>/", pages.forum, name="forum"),
    path("forums/<int:pk>/programme/<int:moment>/", pages.moment, name="forum_moment"),
    path("forums/<int:pk>/remarques/", pages.remarques, name="forum_remarques"),
    path("forums/<int:pk>/remarques/productions/<str:reference>/", remarques.remarque, name="remarque_production"),
    path("forums/<int:pk>/remarques/passages/<int:key>/", remarques.remarque, name="remarque_passage"),
    path("forums/<int:pk>/croisements/", croisements.croisement_matrix, name="croisements"),
    path("forums/<int:pk>/croisements/<int:first>-<int:second>/", croisements.croisement_cell, name="croisement_cell"),
    path("croisements/<int:pk>/", croisements.croisement, name="croisement"),
    path("forums/<int:pk>/droit-de-regard/", regard.regard, name="regard"),
    path("forums/<int:pk>/droit-de-regard/mon-groupe/", regard.regard_mine, name="regard_mine"),
    path("droit-de-regard/<str:signed>/", regard.regard_membre, name="regard_membre"),
    path("forum-saisie/<str:signed>/", remarques.scribe, name="forum_scribe"),
]

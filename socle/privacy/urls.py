from django.urls import path

from socle.privacy import views

urlpatterns = [
    path("mes-donnees/", views.mes_donnees, name="mes_donnees"),
    path("mes-donnees/<str:signed>/", views.acces, name="mes_donnees_acces"),
    path("mes-donnees/<str:signed>/copie/", views.copie_demander, name="mes_donnees_copie_demander"),
    path("mes-donnees/<str:signed>/copie/<int:pk>/", views.copie, name="mes_donnees_copie"),
    path("mes-donnees/<str:signed>/partir/", views.partir, name="mes_donnees_partir"),
    path("mes-donnees/<str:signed>/opposer/", views.opposer, name="mes_donnees_opposer"),
]

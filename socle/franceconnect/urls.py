"""Only where FranceConnect is set (settings.FRANCECONNECT): without it there is no address and no button."""

from django.urls import path

from socle.franceconnect import views

urlpatterns = [
    path("", views.leave, name="franceconnect"),
    path("retour/", views.come_back, name="franceconnect_back"),
    path("joindre/", views.join, name="franceconnect_join"),
    path("oter/", views.part, name="franceconnect_part"),
    path("sortie/", views.out, name="franceconnect_out"),
]

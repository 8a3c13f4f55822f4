"""The URL map of a portal where FranceConnect is set: participons/urls.py adds these when the settings say so."""

from django.urls import include, path

from participons import urls as roof

urlpatterns = [*roof.urlpatterns, path("compte/franceconnect/", include("socle.franceconnect.urls"))]
handler400, handler403, handler404, handler500 = roof.handler400, roof.handler403, roof.handler404, roof.handler500

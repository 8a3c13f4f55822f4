"""The URL map: the roof's own pages, then one include per floor."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]

handler400 = "participons.errors.bad_request"
handler403 = "participons.errors.permission_denied"
handler404 = "participons.errors.page_not_found"
handler500 = "participons.errors.server_error"

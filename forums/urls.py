"""The addresses of the forums."""

from django.urls import path

from forums import views

urlpatterns = [
    path("forums/", views.forums, name="forums"),
    path("forums/<int:pk>/", views.forum, name="forum"),
]

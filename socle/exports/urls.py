from django.urls import path

from socle.exports import views

app_name = "exports"
urlpatterns = [path("<int:pk>/", views.download, name="download")]

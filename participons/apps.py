from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ParticiponsConfig(AppConfig):
    name = "participons"
    verbose_name = "Participons"
    default = True


class AdminConfig(admin_apps.AdminConfig):
    """Stands in INSTALLED_APPS where "django.contrib.admin" would."""

    default = False
    default_site = "participons.adminsite.ParticiponsAdminSite"

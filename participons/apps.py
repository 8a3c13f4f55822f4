from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ParticiponsConfig(AppConfig):
    name = "participons"
    verbose_name = "Participons"
    default = True

    def ready(self) -> None:
        from participons import checks  # noqa: F401, PLC0415 (registers itself, once the apps are there)


class AdminConfig(admin_apps.AdminConfig):
    """Stands in INSTALLED_APPS where "django.contrib.admin" would."""

    default = False
    default_site = "participons.adminsite.ParticiponsAdminSite"

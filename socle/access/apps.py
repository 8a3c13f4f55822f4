from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "socle.access"
    label = "access"
    verbose_name = "Traces d’accès"

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    name = "socle.publications"
    label = "publications"
    verbose_name = "fichiers publics"

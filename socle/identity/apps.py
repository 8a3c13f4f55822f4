from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "socle.identity"
    label = "identity"
    verbose_name = "Identité du site"

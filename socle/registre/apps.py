from django.apps import AppConfig


class RegistreConfig(AppConfig):
    name = "socle.registre"
    label = "registre"
    verbose_name = "Registre public"

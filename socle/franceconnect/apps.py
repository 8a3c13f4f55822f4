from django.apps import AppConfig


class FranceConnectConfig(AppConfig):
    name = "socle.franceconnect"
    label = "franceconnect"
    verbose_name = "FranceConnect"

from django.apps import AppConfig


class CourrielsConfig(AppConfig):
    name = "socle.courriels"
    verbose_name = "Courriels"

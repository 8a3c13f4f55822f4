from django.apps import AppConfig


class LimiterConfig(AppConfig):
    name = "socle.limiter"
    label = "limiter"
    verbose_name = "Limites d’usage"

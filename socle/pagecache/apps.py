from django.apps import AppConfig


class PagecacheConfig(AppConfig):
    name = "socle.pagecache"
    label = "pagecache"
    verbose_name = "Pages publiques"

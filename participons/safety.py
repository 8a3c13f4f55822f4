"""What a portal that people reach must never start with. Read from settings alone: no database, no network.

`refusals` are sentences that stop the start (participons/wsgi.py, and every command through participons/checks.py);
a portal on this machine, or on a private network, is nobody's but whoever tries it.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

SECRET_LENGTH, SECRET_SIGNS = 50, 8


def refusals() -> list[str]:
    return [*_site(), *_services(), *_franceconnect()] if open_to_people() else []


def open_to_people() -> bool:
    """By the host of SITE_URL: anything but this machine and a private network."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".local", ".test"))


def _site() -> Iterator[str]:
    host = urlsplit(settings.SITE_URL).hostname or ""
    if not settings.HTTPS:
        yield "SITE_URL commence par http:// : ce que les gens écrivent passerait en clair. Donnez l’adresse en https://."
    if settings.DEBUG:
        yield "DEBUG est en marche : les pages d’erreur montreraient les réglages. Retirez DEBUG."
    if len(settings.SECRET_KEY) < SECRET_LENGTH or len(set(settings.SECRET_KEY)) < SECRET_SIGNS:
        yield f"SECRET_KEY est trop courte ou trop simple : il faut {SECRET_LENGTH} signes au moins, tirés au hasard."
    if "*" in settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS accepte tous les noms (*) : un autre nom passerait pour le nôtre. Écrivez les vôtres."
    elif not any(host == one or (one[:1] == "." and f".{host}".endswith(one)) for one in settings.ALLOWED_HOSTS):
        yield f"ALLOWED_HOSTS ne contient pas {host}, le nom de SITE_URL : toutes les pages seraient refusées."


def _services() -> Iterator[str]:
    if settings.REDIS_URL and not urlsplit(settings.REDIS_URL).password:
        yield "REDIS_URL est sans mot de passe : qui atteint Redis lancerait n’importe quelle tâche. Donnez-lui en un."
    if any(ip_network(one, strict=False).prefixlen == 0 for one in settings.TRUSTED_PROXIES):
        yield "TRUSTED_PROXIES croit le monde entier : chacun choisirait son adresse. Écrivez ceux du mandataire."
    if settings.EMAIL_URL and urlsplit(settings.EMAIL_URL).scheme == "smtp" and urlsplit(settings.EMAIL_URL).password:
        yield "EMAIL_URL envoie un mot de passe en clair : choisissez smtp+tls:// ou smtp+ssl://."
    if settings.EMAIL_URL and "@localhost" in settings.DEFAULT_FROM_EMAIL:
        yield "DEFAULT_FROM_EMAIL écrit depuis localhost : les courriels seraient refusés. Donnez une adresse du site."


def _franceconnect() -> Iterator[str]:
    known = (settings.FRANCECONNECT_URL, settings.FRANCECONNECT_CLIENT_ID, settings.FRANCECONNECT_CLIENT_SECRET)
    if any(known) and not all(known):
        yield "FRANCECONNECT_URL, FRANCECONNECT_CLIENT_ID et FRANCECONNECT_CLIENT_SECRET vont ensemble : il en manque."
    if known[0] and not known[0].startswith("https://"):
        yield "FRANCECONNECT_URL ne commence pas par https:// : n’importe qui parlerait en son nom."

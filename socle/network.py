"""Who is calling: the one place where the address of a client is computed (design §4)."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network

IPV6_SITE = 64  # one subscriber owns a whole /64 and may change address within it at will


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(network.strip(), strict=False) for network in trusted)


def _parse(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # IPv4 with a port
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _client(request: HttpRequest) -> Address | None:
    """The nearest hop that is not one of our proxies: what stands to its left was written by the client."""
    trusted = _networks(tuple(settings.TRUSTED_PROXIES))
    address = _parse(request.META.get("REMOTE_ADDR", ""))
    if address is None or not trusted:
        return address
    for text in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not any(address in network for network in trusted):
            break
        hop = _parse(text)
        if hop is None:
            break
        address = hop
    return address


def client_address(request: HttpRequest) -> str:
    """The client's address, in its shortest form; empty when the server gives none."""
    address = _client(request)
    return str(address) if address else ""


def client_network(request: HttpRequest) -> str:
    """What limits count by: an IPv4 address, or the /64 around an IPv6 one."""
    address = _client(request)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_SITE), strict=False))
    return str(address) if address else ""

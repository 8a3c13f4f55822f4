"""The address of a client, whatever is written in X-Forwarded-For."""

import pytest
from django.test import RequestFactory

from socle.network import client_address, client_network

PROXIES = ["10.0.0.0/8", "fd00::/8", "127.0.0.1"]


def request(remote: str, forwarded: str | None = None):
    headers = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        headers["HTTP_X_FORWARDED_FOR"] = forwarded
    return RequestFactory().get("/", **headers)


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # not our proxy: what it forwards is hearsay
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # forged on the left
        ("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.3.3.3", "203.0.113.9"),  # two proxies
        ("10.0.0.1", "10.9.9.9, 203.0.113.9", "203.0.113.9"),  # claims to be a proxy
        ("10.0.0.1", "10.2.2.2, 10.3.3.3", "10.2.2.2"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("fd00::1", "2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:198.51.100.7", None, "198.51.100.7"),
        ("fe80::1%eth0", None, "fe80::1"),
        ("", "203.0.113.9", ""),
        ("\0", None, ""),
        ("10.0.0.1", "," * 5000, "10.0.0.1"),
        ("10.0.0.1", "٣.٣.٣.٣", "10.0.0.1"),
    ],
)
def test_client_address(settings, remote, forwarded, expected):
    settings.TRUSTED_PROXIES = PROXIES
    assert client_address(request(remote, forwarded)) == expected


def test_client_address_without_proxies_ignores_the_header(settings):
    settings.TRUSTED_PROXIES = []
    assert client_address(request("127.0.0.1", "203.0.113.9")) == "127.0.0.1"


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_client_network_groups_one_subscriber(settings, remote, expected):
    settings.TRUSTED_PROXIES = []
    assert client_network(request(remote)) == expected

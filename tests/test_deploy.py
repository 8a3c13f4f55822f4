"""The files for real services, without a container engine: read, compared with what the supervisor runs, checked."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from ipaddress import ip_network
from pathlib import Path

import pytest
import yaml

from participons.supervisor.commands import COMMANDS, DATABASE_POOL

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_compose_runs_the_supervisors_commands(name):
    assert SERVICES[name]["command"] == COMMANDS[name]


def test_image_runs_the_web_by_default():
    assert json.loads(re.search(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[1]) == COMMANDS["web"]


def test_image_is_built_in_stages_and_does_not_run_as_root():
    assert len(re.findall(r"^FROM ", DOCKERFILE, re.MULTILINE)) == 2
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE) == ["participons"]
    assert "--require-hashes" in DOCKERFILE


def test_only_the_web_shares_connections():
    pools = {name: SERVICES[name]["environment"]["DATABASE_POOL"] for name in COMMANDS}
    assert pools == {"web": str(DATABASE_POOL), "worker": "0", "beat": "0"}


def test_secrets_have_no_default_and_all_are_in_the_example():
    wanted = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    asked, optional = (
        set(re.findall(rf"\$\{{(\w+):{sign}\}}", (ROOT / "docker-compose.yml").read_text())) for sign in (r"\?", "-")
    )
    assert asked | optional == wanted
    assert all(name.startswith("FRANCECONNECT_") for name in optional), "what a portal may do without, and is empty"
    example = (ROOT / "deploy" / "env.example").read_text()
    assert set(re.findall(r"^(\w+)=", example, re.MULTILINE)) == wanted


def test_redis_has_a_password_and_evicts_nothing():
    command = SERVICES["redis"]["command"]
    assert command[command.index("--requirepass") + 1]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert all("ports" not in SERVICES[name] for name in SERVICES if name != "nginx")


def test_proxy_is_the_one_that_the_portal_trusts():
    trusted = ip_network(SERVICES["web"]["environment"]["TRUSTED_PROXIES"])
    assert [ip_network(pool["subnet"]) for pool in COMPOSE["networks"]["inside"]["ipam"]["config"]] == [trusted]


def test_nothing_starts_before_the_tables_are_there():
    for name in COMMANDS:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_mounted_files_exist():
    for volume in SERVICES["nginx"]["volumes"]:
        source = volume.split(":")[0]
        assert (ROOT / source).exists() or source == "./deploy/tls"  # the certificate is the installer's


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin:/opt/homebrew/bin"), reason="needs nginx")
def test_nginx_accepts_its_configuration(tmp_path):
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/opt/homebrew/bin")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    # The network of the containers is not there, nor the place of the certificate.
    text = text.replace("web:8000", "127.0.0.1:8000").replace("/etc/nginx/tls", str(tmp_path))
    text = text.replace("/tmp/nginx.pid", str(tmp_path / "nginx.pid"))
    (tmp_path / "nginx.conf").write_text(text)
    done = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_page_shown_when_the_portal_is_down_stands_alone():
    text = (ROOT / "deploy" / "indisponible.html").read_text()
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, _tag, attrs):
            found.extend(value for name, value in attrs if name in ("src", "href"))

    Reader().feed(text)
    assert found == []
    assert 'lang="fr"' in text
    assert "'" not in re.sub(r"<style>.*</style>", "", text, flags=re.DOTALL)

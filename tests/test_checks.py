import os
import subprocess
import sys
from pathlib import Path

import pytest

from participons.safety import refusals

ROOT = Path(__file__).resolve().parent.parent
OPEN_TO_ALL = {
    "DATABASE_URL": "postgresql://participons@localhost/participons",
    "REDIS_URL": "redis://:a-password@redis:6379/0",
    "EMAIL_URL": "smtp+tls://user:a-password@smtp.example.org:587",
    "SECRET_KEY": "0123456789" * 5 + "-and-more-letters-than-that",
    "SITE_URL": "https://participons.example.org",
    "ALLOWED_HOSTS": "participons.example.org",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "DEFAULT_FROM_EMAIL": "Participons <ne-pas-repondre@example.org>",
}


def check(tmp_path, **changes):
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)} | OPEN_TO_ALL | changes
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_portal_on_real_services_has_nothing_to_be_told(tmp_path):
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"REDIS_URL": "redis://redis:6379/0"}, "REDIS_URL est sans mot de passe"),
        ({"REDIS_URL": ""}, "participons.W001"),
        ({"EMAIL_URL": ""}, "participons.W003"),
        ({"TRUSTED_PROXIES": ""}, "participons.W004"),
        ({"SITE_URL": "http://participons.example.org"}, "SITE_URL commence par http://"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY est trop courte"),
    ],
)
def test_what_was_left_as_on_a_desk_is_told(tmp_path, changes, told):
    done = check(tmp_path, **changes)
    assert done.returncode == 1
    assert told in done.stderr


OPEN = {
    "SITE_URL": "https://participons.example.org",
    "HTTPS": True,
    "DEBUG": False,
    "SECRET_KEY": "0123456789" * 5 + "-and-more-letters-than-that",
    "ALLOWED_HOSTS": ["participons.example.org"],
    "REDIS_URL": "rediss://:a-password@redis:6379/0",
    "TRUSTED_PROXIES": ["10.0.0.0/8"],
    "EMAIL_URL": "smtp+tls://user:a-password@smtp.example.org:587",
    "DEFAULT_FROM_EMAIL": "Participons <ne-pas-repondre@example.org>",
}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"SITE_URL": "http://participons.example.org", "HTTPS": False}, "SITE_URL commence par http://"),
        ({"DEBUG": True}, "DEBUG est en marche"),
        ({"SECRET_KEY": "a" * 80}, "SECRET_KEY est trop courte ou trop simple"),
        ({"ALLOWED_HOSTS": ["*"]}, "tous les noms"),
        ({"ALLOWED_HOSTS": ["autre.example.org"]}, "ne contient pas participons.example.org"),
        ({"ALLOWED_HOSTS": [".example.org"]}, ""),
        ({"REDIS_URL": "redis://redis:6379/0"}, "REDIS_URL est sans mot de passe"),
        ({"TRUSTED_PROXIES": ["0.0.0.0/0"]}, "le monde entier"),
        ({"EMAIL_URL": "smtp://user:secret@smtp.example.org:25"}, "mot de passe en clair"),
        ({"DEFAULT_FROM_EMAIL": "Participons <x@localhost>"}, "depuis localhost"),
        ({"FRANCECONNECT_CLIENT_ID": "x"}, "vont ensemble"),
        (
            {"FRANCECONNECT_URL": "http://a.fr", "FRANCECONNECT_CLIENT_ID": "x", "FRANCECONNECT_CLIENT_SECRET": "y"},
            "en son nom",
        ),
    ],
)
def test_a_portal_that_people_reach_does_not_start_with(settings, changes, told):
    for name, value in (OPEN | changes).items():
        setattr(settings, name, value)
    found = refusals()
    assert len(found) == bool(told) and told in " ".join(found)


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://192.168.1.20:8000", "http://portail.local"])
def test_a_portal_of_this_machine_is_nobody_elses(settings, url):
    settings.SITE_URL, settings.HTTPS, settings.SECRET_KEY = url, False, "short"
    assert refusals() == []


def test_the_web_server_says_why_it_does_not_start(tmp_path):
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)} | OPEN_TO_ALL | {"SECRET_KEY": "short"}
    command = [sys.executable, "-c", "import participons.wsgi"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Le portail ne démarre pas" in done.stderr and "Traceback" not in done.stderr


def test_the_supervisor_says_why_it_does_not_start(tmp_path):
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)} | OPEN_TO_ALL | {"ALLOWED_HOSTS": "*", "PORT": "1"}
    command = [sys.executable, "-m", "participons.supervisor"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "ALLOWED_HOSTS accepte tous les noms" in done.stderr and "Le portail ne démarre pas" in done.stderr
    assert "Traceback" not in done.stderr

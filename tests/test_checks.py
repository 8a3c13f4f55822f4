import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OPEN_TO_ALL = {
    "DATABASE_URL": "postgresql://participons@localhost/participons",
    "REDIS_URL": "redis://:a-password@redis:6379/0",
    "EMAIL_URL": "smtp+tls://user:a-password@smtp.example.org:587",
    "SECRET_KEY": "0123456789" * 5 + "-and-more-letters-than-that",
    "SITE_URL": "https://participons.example.org",
    "ALLOWED_HOSTS": "participons.example.org",
    "TRUSTED_PROXIES": "10.0.0.0/8",
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
        ({"REDIS_URL": "redis://redis:6379/0"}, "participons.W002"),
        ({"REDIS_URL": ""}, "participons.W001"),
        ({"EMAIL_URL": ""}, "participons.W003"),
        ({"TRUSTED_PROXIES": ""}, "participons.W004"),
        ({"SITE_URL": "http://participons.example.org"}, "security.W"),
        ({"SECRET_KEY": "short"}, "security.W009"),
    ],
)
def test_what_was_left_as_on_a_desk_is_told(tmp_path, changes, told):
    done = check(tmp_path, **changes)
    assert done.returncode == 1
    assert told in done.stderr

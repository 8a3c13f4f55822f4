"""The settings of the suite: the portal's own, on a database that is there and in a folder that goes away.

DATABASE_URL and REDIS_URL are the two things the outside decides; without them the embedded parts are used.
The variables set here are inherited by pytest-xdist's processes and by every process a test starts.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

for name in ("ALLOWED_HOSTS", "DEBUG", "DOCUMENT_STORAGE", "EMAIL_URL", "EXPORT_STORAGE", "SITE_URL", "STATIC_ROOT"):
    os.environ.pop(name, None)
for name in ("DATABASE_POOL", "TRUSTED_PROXIES", "VAR_DIR"):
    os.environ.pop(name, None)

os.environ["SECRET_KEY"] = "a-key-for-the-tests-only-that-is-long-enough-to-please-the-checks"
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="participons-tests-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
Path(os.environ["VAR_DIR"], "static").mkdir()

if not os.environ.get("DATABASE_URL"):
    from participons.embedded import folders, postgres

    server = postgres.running("test-postgres", durable=False, var_dir=folders.BASE_DIR / "var")
    os.environ["DATABASE_URL"] = server.__enter__()
    atexit.register(server.__exit__, None, None, None)

    from tests.template import migrated

    os.environ["TEST_TEMPLATE"] = migrated(os.environ["DATABASE_URL"])

from participons.settings import *

INSTALLED_APPS = ["tests.emptying", *INSTALLED_APPS]
# The production storage refuses a file that was not collected; the tests read static/ as it is.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
STAFF_SECOND_FACTOR = False  # what it guards is tested by itself (tests/test_second_factor.py)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow hash is not what is tested
DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ.get("TEST_TEMPLATE", "")}

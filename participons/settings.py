"""Every setting, read from the environment; what is absent means the embedded parts (see docs/ARCHITECTURE.md)."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.utils.csp import CSP

from participons import retention
from participons.embedded.folders import var_dir
from participons.wiring import *  # noqa: F403 (what the floors ask of one another, by name: settings too)

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = var_dir()

DEBUG = env.bool("DEBUG", default=False)
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

if "SECRET_KEY" in env.ENVIRON:
    SECRET_KEY = env.str("SECRET_KEY")
else:
    from participons.embedded.secret import local_secret_key

    SECRET_KEY = local_secret_key(VAR_DIR)

INSTALLED_APPS = [
    "socle.access",
    "socle.comptes",
    "socle.identity",
    "socle.courriels",
    "socle.documents",
    "socle.exports",
    "socle.franceconnect",
    "socle.limiter",
    "socle.pagecache",
    "socle.privacy",
    "socle.publications",
    "socle.registre",
    "consultation",
    "ateliers",
    "forums",
    "participons",
    "participons.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "import_export",
]

MIDDLEWARE = [
    "participons.middleware.ErrorPages",
    "django.middleware.security.SecurityMiddleware",
    "socle.pagecache.middleware.PageCacheMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "participons.urls"
WSGI_APPLICATION = "participons.wsgi.application"
AUTH_USER_MODEL = "comptes.User"
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "espace"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 12}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "display_name")}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
# Accounts: addresses, codes and passwords are proved by socle.comptes; then allauth asks for the second factor, keeps
# it and lists the sessions. Its own limits live in the cache: socle.limiter counts instead (socle/comptes/limits.py).
ACCOUNT_ADAPTER = "socle.comptes.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # no account is made before its address is proved
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before an address or a password changes
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
MFA_ADAPTER = "socle.comptes.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # half-minutes: telephones are not on time
MFA_FORMS = {
    "authenticate": "socle.comptes.forms.SecondFactorForm",
    "reauthenticate": "socle.comptes.forms.SecondFactorAgainForm",
    "activate_totp": "socle.comptes.forms.ApplicationForm",
    "login_webauthn": "socle.comptes.forms.PasskeyLoginForm",
    "authenticate_webauthn": "socle.comptes.forms.PasskeyForm",
    "reauthenticate_webauthn": "socle.comptes.forms.PasskeyAgainForm",
    "add_webauthn": "socle.comptes.forms.NewPasskeyForm",
}
# The team shows a second factor before the admin opens. No variable turns it off: the suite's own settings do, and the
# accounts that `make demo` makes are marked in the database (User.is_demonstration).
STAFF_SECOND_FACTOR = True
# Wrong passwords, codes and second factors in each window, on one account and from one address.
LOGIN_MINUTES = env.int("LOGIN_MINUTES", default=5)
LOGIN_TRIES_PER_ACCOUNT = env.int("LOGIN_TRIES_PER_ACCOUNT", default=5)
LOGIN_TRIES_PER_ADDRESS = env.int("LOGIN_TRIES_PER_ADDRESS", default=30)
# FranceConnect v2: its address up to /api/v2, and what it gave this site. Without all three, no button and no address.
FRANCECONNECT_URL = env.str("FRANCECONNECT_URL", default="").rstrip("/")
FRANCECONNECT_CLIENT_ID = env.str("FRANCECONNECT_CLIENT_ID", default="")
FRANCECONNECT_CLIENT_SECRET = env.str("FRANCECONNECT_CLIENT_SECRET", default="")
FRANCECONNECT = bool(FRANCECONNECT_URL and FRANCECONNECT_CLIENT_ID and FRANCECONNECT_CLIENT_SECRET)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "participons.context.site",
            ],
            "builtins": ["socle.french"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# The supervisor (and manage.py) put the embedded server's address here before Django starts.
DATABASES = {"default": env.db("DATABASE_URL", default="postgresql:///participons")}
# postgresql://user:password@/name?host=/folder is how libpq writes a Unix socket; Django wants it under HOST.
if socket_folder := DATABASES["default"].get("OPTIONS", {}).pop("host", None):
    DATABASES["default"]["HOST"] = socket_folder
DATABASES["default"] |= {
    "ATOMIC_REQUESTS": False,
    "CONN_HEALTH_CHECKS": True,
    "CONN_MAX_AGE": 0,
}
# Each page is a few short queries: compiling one that the planner overrates would take longer than all of them.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
if env.int("DATABASE_POOL", default=0):
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL"),
        "timeout": 10,
    }

SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = REDIS_URL or "folder://here"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    # What is not acknowledged comes again after the longest task may last. A Redis that hangs is left after 30 s by
    # the worker, which reconnects for ever; who rings leaves far sooner (socle.doorbell).
    {"visibility_timeout": 2 * 3600, "socket_connect_timeout": 5, "socket_timeout": 30, "socket_keepalive": True}
    if REDIS_URL
    else {"folder": str(VAR_DIR / "broker"), "polling_interval": 0.5}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULER = "participons.beat:Scheduler"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "participons.logs.OneLineFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # A page that is not there is not an event, and its address may hold what somebody typed.
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
    },
}

# Without EMAIL_URL nothing leaves the machine: mails are kept in files that staff can read.
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL.startswith("smtp"):
    _mail = env.email_url("EMAIL_URL")
    MAILERS = {
        "default": {
            "BACKEND": _mail["EMAIL_BACKEND"],
            "OPTIONS": {
                "host": _mail["EMAIL_HOST"],
                "port": _mail["EMAIL_PORT"],
                "username": _mail["EMAIL_HOST_USER"],
                "password": _mail["EMAIL_HOST_PASSWORD"],
                "use_tls": _mail.get("EMAIL_USE_TLS", False),
                "use_ssl": _mail.get("EMAIL_USE_SSL", False),
                "timeout": 20,
            },
        }
    }
else:
    MAILERS = {"default": {"BACKEND": "socle.courriels.backends.KeptMailBackend"}}
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Participons <ne-pas-repondre@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where servers return what they cannot deliver, and the Maildir in which those messages arrive, if they do here.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
BOUNCE_MAILDIR = env.str("BOUNCE_MAILDIR", default="")

LANGUAGE_CODE = "fr"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
EXPORT_STORAGE = Path(env.str("EXPORT_STORAGE", default=str(VAR_DIR / "exports")))
DOCUMENT_STORAGE = Path(env.str("DOCUMENT_STORAGE", default=str(VAR_DIR / "documents")))
PAPER_FONTS = env.str("PAPER_FONTS", default="")  # a folder; what no font draws is said in words (socle/signs.py)
# The image of a paper is erased so many days after the contributions have closed.
SCAN_DAYS = env.int("SCAN_DAYS", default=180)
# What is kept, how long and why; enforced by beat (socle.privacy.actions.keeping).
RETENTION = retention.table(SCAN_DAYS)

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Public pages: no script but ours, no nonce, nothing from elsewhere (design §9).
SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
if FRANCECONNECT:  # where the form of its button ends up: browsers hold the redirection of a form to this list too
    SECURE_CSP["form-action"].append("{0.scheme}://{0.netloc}".format(urlsplit(FRANCECONNECT_URL)))
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # no script of ours reads them: a form holds its token
if HTTPS:  # a browser takes these names from this very host only, over HTTPS, for the whole of it
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "participons.errors.csrf_failure"

"""Settings, read top to bottom. Every deploy-time value comes from the environment."""

import os
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from clinic import servers

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where we run -----------------------------------------------------------------
# With neither DATABASE_URL nor REDIS_URL set, Cadence uses the servers it starts
# itself under var/ (the demo and the tests). Production sets both, and SECRET_KEY.
VAR_DIR = servers.var_dir()
EMBEDDED = "DATABASE_URL" not in os.environ
DEBUG = env.bool("DEBUG", default=False)
HTTPS = env.bool("HTTPS", default=not (DEBUG or EMBEDDED))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _secret_key() -> str:
    """The key from the environment, or this machine's own where servers are embedded."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if not EMBEDDED:
        raise ImproperlyConfigured("Set SECRET_KEY: there is no default in production.")
    path = VAR_DIR / "secret-key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(get_random_secret_key())
    except FileExistsError:
        pass
    except OSError:
        return get_random_secret_key()
    return path.read_text() or get_random_secret_key()


SECRET_KEY = _secret_key()

# --- The clinic's own words --------------------------------------------------------
CLINIC_NAME = env.str("CLINIC_NAME", default="Larchmere Skin Clinic")
CLINIC_SHORT_NAME = env.str(
    "CLINIC_SHORT_NAME", default=CLINIC_NAME.removesuffix(" Skin Clinic")
)
CLINIC_PHONE = env.str("CLINIC_PHONE", default="613-555-0100")
CLINIC_EMAIL = env.str("CLINIC_EMAIL", default="care@example.org")
# The words and the colour of the public site: a file like clinic/site.toml.
CLINIC_SITE = Path(env.str("CLINIC_SITE", default=str(BASE_DIR / "clinic/site.toml")))
# Where links in letters lead; letters are written where nobody asks for a page.
SITE_URL = env.str(
    "SITE_URL", default=f"http://localhost:{env.int('PORT', default=8000)}"
).rstrip("/")

# --- What Cadence is made of -------------------------------------------------------
INSTALLED_APPS = [
    "clinic.apps.ClinicConfig",
    "treatments.apps.TreatmentsConfig",
    "bookings.apps.BookingsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "pgtrigger",
    "pghistory",
    "phonenumber_field",
    "allauth",
    "allauth.account",
    "health_check",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "clinic.context.shell",
            ]
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Facts: PostgreSQL, and nothing else -------------------------------------------
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", default=servers.default_database_url(VAR_DIR)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_cadence{env.str('CADENCE_TEST_RUN', default='')}"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Doorbells and cache: Valkey or Redis, which may be emptied at any moment -------
REDIS_URL = env.str("REDIS_URL", default=servers.default_redis_url(VAR_DIR))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cadence",
    }
}
SESSION_ENGINE = "clinic.sessions"  # as cached_db, for a cache that may be down

# --- People ------------------------------------------------------------------------
AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "clinic.backends.MailboxBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_ADAPTER = "clinic.adapter.StaffAdapter"
ACCOUNT_FORMS = {"login": "clinic.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# How long a patient stays signed in on a device after a code or a link.
PORTAL_SESSION_HOURS = env.int("PORTAL_SESSION_HOURS", default=12)

# --- Words and time ----------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "America/Toronto"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = None
PHONENUMBER_DEFAULT_REGION = "CA"
PHONENUMBER_DEFAULT_FORMAT = "NATIONAL"

# --- Browser assets ----------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "npm.finders.NpmFinder",
]
NPM_ROOT_PATH = str(BASE_DIR)
NPM_STATIC_FILES_PREFIX = "vendor"
# The .map files too: the manifest storage follows sourceMappingURL.
NPM_FILE_PATTERNS = {
    "bootstrap": [
        "dist/css/bootstrap.min.css",
        "dist/css/bootstrap.min.css.map",
        "dist/js/bootstrap.bundle.min.js",
        "dist/js/bootstrap.bundle.min.js.map",
    ],
    "bootstrap-icons": [
        "font/bootstrap-icons.min.css",
        "font/fonts/bootstrap-icons.woff",
        "font/fonts/bootstrap-icons.woff2",
    ],
    "@event-calendar/build": [
        "dist/event-calendar.min.css",
        "dist/event-calendar.min.js",
        "dist/event-calendar.min.js.map",
    ],
    "inter-ui": [
        "variable-latin/InterVariable-subset.woff2",
        "variable/InterVariable.woff2",
    ],
}
PLAIN_STATIC = env.bool("PLAIN_STATIC", default=DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PLAIN_STATIC
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = PLAIN_STATIC
MEDIA_ROOT = BASE_DIR / "media"

# --- Headers -----------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"  # a letter is shown in a frame of its page
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # ... which this check cannot know
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
RATELIMIT_IP_META_KEY = "clinic.callers.address"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Booking -----------------------------------------------------------------------
# How long a series or a freed time is kept free before it has to be confirmed.
HOLD_MINUTES = env.int("HOLD_MINUTES", default=15)
OFFER_MINUTES = env.int("OFFER_MINUTES", default=120)
# A cancellation later than this before the start is a late one.
LATE_CANCEL_HOURS = env.int("LATE_CANCEL_HOURS", default=48)
# Until how long before a visit its patient may move or cancel it alone, and how often.
SELF_SERVICE_HOURS = env.int("SELF_SERVICE_HOURS", default=48)
SELF_SERVICE_MOVES = env.int("SELF_SERVICE_MOVES", default=2)
# From how many days before a session its health questions are put again.
RECHECK_DAYS = env.int("RECHECK_DAYS", default=10)
# How long a talk takes without a treatment, in minutes.
CONSULTATION_MINUTES = env.int("CONSULTATION_MINUTES", default=30)
RESULT_REVIEW_MINUTES = env.int("RESULT_REVIEW_MINUTES", default=30)
# Within how many hours of working days a request is answered: 24 are one whole day.
REQUEST_ANSWER_HOURS = env.int("REQUEST_ANSWER_HOURS", default=24)
# How many freed times one patient is offered on one local day.
OFFERS_A_DAY = env.int("OFFERS_A_DAY", default=2)

# --- Messages ----------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default=f"{CLINIC_NAME} <care@example.org>"
)
# A mail server that does not answer gives up well within a sender's lease.
EMAIL_TIMEOUT = 20
# How long words about a booking or change wait, so that a slip undone sends nothing.
MESSAGE_GRACE_SECONDS = env.int("MESSAGE_GRACE_SECONDS", default=180)
# How long a sender may hold a batch of messages before another takes it over.
MESSAGE_LEASE_SECONDS = env.int("MESSAGE_LEASE_SECONDS", default=60)

# --- Celery: a doorbell, never a memory --------------------------------------------
CELERY_BROKER_URL = servers.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "send-due-messages": {
        "task": "bookings.tasks.send_due_messages",
        "schedule": env.int("SWEEP_SECONDS", default=60),
        "options": {"expires": 55},
    },
    "let-go-of-holds": {
        "task": "bookings.tasks.let_go_of_holds",
        "schedule": env.int("SWEEP_SECONDS", default=60),
        "options": {"expires": 55},
    },
    "offer-free-times": {
        "task": "bookings.tasks.offer_free_times",
        "schedule": env.int("SWEEP_SECONDS", default=60),
        "options": {"expires": 55},
    },
    "look-after-requests": {
        "task": "bookings.tasks.look_after_requests",
        "schedule": env.int("SWEEP_SECONDS", default=60),
        "options": {"expires": 55},
    },
    "look-after-results": {
        "task": "bookings.tasks.look_after_results",
        "schedule": env.int("SWEEP_SECONDS", default=60),
        "options": {"expires": 55},
    },
    "look-after-reactions": {
        "task": "bookings.tasks.look_after_reactions",
        "schedule": env.int("SWEEP_SECONDS", default=60),
        "options": {"expires": 55},
    },
    "ask-for-records": {
        "task": "bookings.tasks.ask_for_records",
        "schedule": env.int("SWEEP_SECONDS", default=60),
        "options": {"expires": 55},
    },
    "keep-up-with-outages": {
        "task": "bookings.tasks.keep_up_with_outages",
        "schedule": env.int("SWEEP_SECONDS", default=60),
        "options": {"expires": 55},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}

"""The settings. Deployments configure Marquee by environment variables.

docs/settings.md lists every variable; a test in tests/documentation checks that.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

from marquee import __version__, env, file_permissions

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# --- Secrets and hosts ----------------------------------------------------------------------------

# Before its file is restricted: a key that others could read must be changed.
SECRET_KEY = env.secret("SECRET_KEY", fallback=VAR_DIR / "secret_key")
file_permissions.restrict_directory(VAR_DIR)
# Tokens have a key of their own, so that a leaked token key signs no session of the admin.
JWT_SIGNING_KEY = (
    env.secret("JWT_SIGNING_KEY")
    or salted_hmac("marquee.jwt", "tokens", secret=SECRET_KEY).hexdigest()
)
if JWT_SIGNING_KEY == SECRET_KEY:
    raise ImproperlyConfigured("JWT_SIGNING_KEY is SECRET_KEY: make another, or leave it out.")
# What the keys of authenticator apps are sealed with. Whoever changes SECRET_KEY can keep the old one here.
SECOND_FACTOR_KEY = env.secret("SECOND_FACTOR_KEY") or SECRET_KEY
DEBUG = env.flag("DEBUG", default=False)
# What the API reads from request headers, beside what every cross-origin request may send.
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "if-none-match"]
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = env.origins("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = "^/api/"  # no page is for other sites
CORS_EXPOSE_HEADERS = [
    "Allow", "ETag", "Idempotent-Replayed", "Location", "Retry-After", "WWW-Authenticate",
    "X-Request-ID",
]  # fmt: skip
# How many reverse proxies of ours stand in front: we trust that many entries of X-Forwarded-For.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, maximum=10)
HTTPS = env.flag("HTTPS", default=False)
# Where customers reach the pages that links in mails open. Never taken from a request's headers.
SITE_URL = env.origin("SITE_URL", "http://localhost:8000")
OWN_NAMES = [*ALLOWED_HOSTS, urlsplit(SITE_URL).hostname or ""]
# A proxy may hide the host that was asked for, so that ALLOWED_HOSTS keeps its default.
if DEBUG and (HTTPS or TRUSTED_PROXIES or not all(map(env.is_local, OWN_NAMES))):
    raise ImproperlyConfigured(
        "DEBUG is 1, which shows strangers how this server works, and HTTPS or TRUSTED_PROXIES is set, or "
        "ALLOWED_HOSTS or SITE_URL has a public name: set DEBUG=0, or serve this machine alone, without these."
    )
if HTTPS and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured(
        f"HTTPS is 1, and links in mails would begin with {SITE_URL}: set SITE_URL to the https:// origin that "
        "customers use, such as SITE_URL=https://box.example.org."
    )

# --- Mail -----------------------------------------------------------------------------------------

EMAIL_BACKEND = env.mail_backend("EMAIL_BACKEND", "console")
EMAIL_HOST = env.host("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, minimum=1, maximum=65_535)
EMAIL_HOST_USER = env.string("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.password("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False)
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise ImproperlyConfigured(
        "EMAIL_USE_TLS and EMAIL_USE_SSL are both 1: set the first for STARTTLS (port 587), the second "
        "for TLS from the first byte (port 465)."
    )
EMAIL_TIMEOUT = env.integer("EMAIL_TIMEOUT", 10, minimum=1, maximum=600)
MAIL_FROM = env.mailbox("MAIL_FROM", "Marquee <marquee@localhost>")
MAIL_REPLY_TO = env.mailbox("MAIL_REPLY_TO", "")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM
# The settings of django-anymail, each from a variable of its own, such as ANYMAIL_MAILGUN_API_KEY.
ANYMAIL = env.prefixed("ANYMAIL_")

# --- Rules with numbers ---------------------------------------------------------------------------

BOOK_BEFORE_VERIFYING = env.flag("BOOK_BEFORE_VERIFYING", default=True)
HOLD_MINUTES = env.minutes("HOLD_MINUTES", 8)
HOLD_MAX_MINUTES = env.minutes("HOLD_MAX_MINUTES", 30)
SEAT_LIMIT = env.integer("SEAT_LIMIT", 10, minimum=1)
UNPAID_SEAT_LIMIT = env.integer("UNPAID_SEAT_LIMIT", 10)
UNPAID_CLIENT_SEAT_LIMIT = env.integer("UNPAID_CLIENT_SEAT_LIMIT", 40)
UNPAID_CLIENT_PERCENT = env.integer("UNPAID_CLIENT_PERCENT", 20, maximum=100)
HOLD_LIMIT = env.integer("HOLD_LIMIT", 10)
LAPSED_SEAT_LIMIT = env.integer("LAPSED_SEAT_LIMIT", 20)
CLIENT_HOLD_LIMIT = env.integer("CLIENT_HOLD_LIMIT", 20)
COOLING_DOWN_AFTER = env.integer("COOLING_DOWN_AFTER", 2)
CANCEL_UNTIL_MINUTES = env.integer("CANCEL_UNTIL_MINUTES", 30, maximum=525_600)
ADMIT_FROM_MINUTES = env.integer("ADMIT_FROM_MINUTES", 90, maximum=1440)
ADVERTS_MINUTES = env.integer("ADVERTS_MINUTES", 20, maximum=1440)
LOGIN_LIMIT = env.integer("LOGIN_LIMIT", 10)
LOGIN_CEILING = env.integer("LOGIN_CEILING", 100)
SECOND_FACTOR_LIMIT = env.integer("SECOND_FACTOR_LIMIT", 10)
SECOND_FACTOR_DAILY_LIMIT = env.integer("SECOND_FACTOR_DAILY_LIMIT", 20)
SIGNUP_LIMIT = env.integer("SIGNUP_LIMIT", 30)
GUEST_LIMIT = env.integer("GUEST_LIMIT", 30)
REFRESH_LIMIT = env.integer("REFRESH_LIMIT", 60)
PROFILE_LIMIT = env.integer("PROFILE_LIMIT", 30)
VERIFY_LIMIT = env.integer("VERIFY_LIMIT", 5)
RESET_LIMIT = env.integer("RESET_LIMIT", 5)
BOOKING_MAIL_LIMIT = env.integer("BOOKING_MAIL_LIMIT", 30)
EMAIL_CHANGE_LIMIT = env.integer("EMAIL_CHANGE_LIMIT", 5)
ARGON2_AT_ONCE = env.integer("ARGON2_AT_ONCE", 1, maximum=64)
ACCESS_TOKEN_MINUTES = env.integer("ACCESS_TOKEN_MINUTES", 5, minimum=1, maximum=10_080)
REFRESH_TOKEN_DAYS = env.integer("REFRESH_TOKEN_DAYS", 14, minimum=1, maximum=3650)
THREADS = env.integer("THREADS", 4, minimum=1, maximum=64)
SLOW_CLIENT_SECONDS = env.integer("SLOW_CLIENT_SECONDS", 10, minimum=1, maximum=60)
WORKER_SECONDS = env.integer("WORKER_SECONDS", 10, minimum=1, maximum=86_400)

# --- Django ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Before `accounts`, which takes their pages out of the admin.
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
    "marquee.core",
    "marquee.audit",
    "marquee.accounts",
    "marquee.catalog",
    "marquee.booking",
    "marquee.mail",
    "marquee.web",
    "marquee.worker",
    "marquee.demo",
    "marquee.api",
    "marquee.core.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "marquee.server.security_headers.security_headers",
    "marquee.server.observing.observe",  # sees every response
    # Without named origins no other site's pages may call the API: there is nothing to check.
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    "marquee.server.middleware.private_cache_control",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "marquee.server.middleware.reject_nul_in_query",
    "marquee.server.middleware.DatabaseUnavailableMiddleware",
    "marquee.server.middleware.PageSessionMiddleware",
    "marquee.server.middleware.PageCsrfMiddleware",
    "marquee.server.middleware.PageAuthenticationMiddleware",
    "marquee.server.middleware.PageMessageMiddleware",
]
ROOT_URLCONF = "marquee.urls"
WSGI_APPLICATION = "marquee.server.wsgi.application"
# Marquee is always at the root of its host.
FORCE_SCRIPT_NAME = ""
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "marquee.web.template_loader.Loader",
                    ["django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
# Each is translated as a whole: a test in tests/web reads the messages in `locale/`.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "marquee" / "locale"]
FORMAT_MODULE_PATH = "marquee.core.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "marquee.server.static_files.HashedStorage"},
}
# WhiteNoise finds static files in the packages at start, and our own under hashed names in STATIC_ROOT,
# where the server puts them: nobody has to type `collectstatic`.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144

# --- The two engines (docs/decisions/0003) --------------------------------------------------------

SQLITE_DEFAULTS: dict[str, Any] = {
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "timeout": 20,
        # SQLite fails a transaction at once that reads first and writes later, if another wrote in
        # between. IMMEDIATE takes the write lock at BEGIN, and waits for it.
        "transaction_mode": "IMMEDIATE",
        # synchronous=NORMAL loses acknowledged bookings when the power goes (measured: DESIGN 10).
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}
# To find out whether core/postgresql/ causes a problem, and to run without it.
SQL_THROUGH_DJANGO = env.flag("SQL_THROUGH_DJANGO", default=False)
POSTGRESQL_DEFAULTS: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql" if SQL_THROUGH_DJANGO else "marquee.core.postgresql",
    # Connections live as long as their thread: opening one costs more CPU than a booking.
    "CONN_MAX_AGE": None,
    "DISABLE_SERVER_SIDE_CURSORS": True,
    "OPTIONS": {
        "server_side_binding": True,
        # A server that hangs, or whose host is gone, takes a thread for seconds, not for minutes or hours.
        "connect_timeout": 5,
        "tcp_user_timeout": 20_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "options": (
            f"-c lock_timeout={env.integer('LOCK_TIMEOUT_MS', 5000)}"
            f" -c statement_timeout={env.integer('STATEMENT_TIMEOUT_MS', 15000)}"
        ),
    },
}
DATABASE_URL = env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'marquee.sqlite3'}")


def database_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a database URL: its engine's defaults, then the URL's own."""
    parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    defaults = POSTGRESQL_DEFAULTS if parsed["ENGINE"].endswith("postgresql") else SQLITE_DEFAULTS
    options = defaults["OPTIONS"] | parsed.get("OPTIONS", {})
    return parsed | defaults | {"OPTIONS": options}


DATABASES = {"default": database_settings(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    file_permissions.restrict_sqlite_files(str(DATABASES["default"]["NAME"]))

# --- Accounts -------------------------------------------------------------------------------------

LOGIN_REDIRECT_URL = "/admin/"
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["marquee.accounts.hashers.Argon2"]
AUTHENTICATION_BACKENDS = ["marquee.accounts.backends.RateLimitedBackend"]
# Browsers stay logged in as long as tokens do: so many days after their last use.
SESSION_ENGINE = "marquee.accounts.browser_sessions"
SESSION_COOKIE_AGE = REFRESH_TOKEN_DAYS * 86_400
VALIDATORS = "marquee.accounts.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": f"{VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": f"{VALIDATORS}.MaximumLengthValidator"},
    {"NAME": f"{VALIDATORS}.MinimumLengthValidator"},
    {"NAME": f"{VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{VALIDATORS}.NumericPasswordValidator"},
]
SIMPLE_JWT = {
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": "marquee",
    "AUDIENCE": "marquee",
    # Web processes on hosts whose clocks differ a little must accept each other's tokens.
    "LEEWAY": timedelta(seconds=30),
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=ACCESS_TOKEN_MINUTES),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=REFRESH_TOKEN_DAYS),
}

# --- Second factor --------------------------------------------------------------------------------

# The roles of staff that must have one.
SECOND_FACTOR_ROLES = ("administrator", "manager", "counter", "gate")
REQUIRE_SECOND_FACTOR = env.some(
    "REQUIRE_SECOND_FACTOR", "administrator" if HTTPS else "", SECOND_FACTOR_ROLES
)
# Our own exact limit replaces the libraries' delays, which anybody could make grow (decision 34).
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0
# A drift that follows each code would let old codes in, bit by bit.
OTP_TOTP_SYNC = False
OTP_TOTP_ISSUER = OTP_WEBAUTHN_RP_NAME = "Marquee"
# Passkeys belong to the host of SITE_URL. Another one cannot ask for them.
OTP_WEBAUTHN_RP_ID = urlsplit(SITE_URL).hostname
OTP_WEBAUTHN_ALLOWED_ORIGINS = [SITE_URL]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False

# --- Security headers and cookies -----------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_AGE = "language", 365 * 86_400
CSRF_FAILURE_VIEW = "marquee.server.error_responses.stale_form"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    # `PageCsrfMiddleware` is Django's, which this check knows by its own path only.
    "security.W003",
    # HSTS for subdomains and preloading is the decision of the domain's owner.
    "security.W005",
    "security.W021",
    # A SITE_URL without TLS: browsers offer no passkeys there, and authenticator apps work.
    "otp_webauthn.E031",
]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The error page of DEBUG, without secrets.
DEFAULT_EXCEPTION_REPORTER = "marquee.core.debug_page.SecretsByValueReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "marquee.core.debug_page.SecretsByNameFilter"

# --- The API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["marquee.api.authentication.UserJWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["marquee.api.permissions.IsStaffOrReadOnly"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "marquee.api.negotiation.JSONContentNegotiation",
    "DEFAULT_RENDERER_CLASSES": ["marquee.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["marquee.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "marquee.api.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "marquee.api.openapi.MarqueeAutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [],
    "EXCEPTION_HANDLER": "marquee.api.exceptions.exception_handler",
    "DEFAULT_FILTER_BACKENDS": ["marquee.api.filters.FilterBackend"],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    # `?format=IMAX` filters by a show's format; it does not choose the format of the response.
    "URL_FORMAT_OVERRIDE": None,
    # No metadata for OPTIONS: the OpenAPI schema says more. (The CORS middleware handles preflights.)
    "DEFAULT_METADATA_CLASS": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Marquee",
    "DESCRIPTION": (
        "The box office of a cinema: what is on, which seats are free, and booking them.\n\n"
        "To book from this page: `POST /auth/signup/` or `POST /auth/login/`, which also logs this page "
        "in; find a show by `GET /shows/`, and `POST /shows/{id}/bookings/`. An access token lives for "
        "minutes; `POST /auth/refresh/` gives the next. This page does that by itself, unless the token "
        "was pasted into *Authorize*.\n\n"
        "Every refusal is `application/problem+json` (RFC 9457) with a stable `code`. Times are "
        "ISO 8601 with the offset of the cinema's time zone; money is decimal text with its "
        "currency; lists come in pages, which follow each other by `next`. What can be changed has an "
        "`ETag`; a change with `If-Match` is refused with 412 if somebody else came first."
    ),
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # JavaScript: `marqueeTokens` is of api/static/api/swagger_tokens.js.
    "SWAGGER_UI_SETTINGS": "{persistAuthorization: true, tryItOutEnabled: true, ...marqueeTokens}",
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    # Else every id in a path is a string in generated clients. As `IdConverter` in core/url_converters.py.
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "marquee.api.openapi_hooks.complete",
    ],
    "APPEND_COMPONENTS": {
        "securitySchemes": {"jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    },
    "TAGS": [
        {"name": "accounts", "description": "Sign up, log in, and one's own account."},
        {"name": "movies", "description": "What can be seen."},
        {"name": "shows", "description": "When and where it can be seen."},
        {"name": "seats", "description": "Which seats a show has, and which are free."},
        {"name": "bookings", "description": "Book, hold, confirm, cancel; one's own bookings."},
        {"name": "cinemas", "description": "The buildings."},
        {
            "name": "auditoriums",
            "description": "The auditoriums of cinemas, with their seat plans.",
        },
        {"name": "formats", "description": "How movies are projected."},
        {"name": "price cards", "description": "What tickets cost. For staff."},
    ],
    "ENUM_NAME_OVERRIDES": {
        "BookingStatus": "marquee.booking.states.BookingStatus.choices",
        "TicketStatus": "marquee.booking.states.TicketStatus.choices",
        "SeatStatus": "marquee.booking.states.SeatState.choices",
        "SeatCategory": "marquee.catalog.states.SeatCategory.choices",
        "SeatKind": "marquee.catalog.states.SeatKind.choices",
        "ShowStatus": "marquee.catalog.states.ShowState.choices",
    },
}

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# As lines for people, or as JSON; in both, those that any request can cause are short.
FORMATTERS = {
    "LINE": ("marquee.core.log.LineFormatter", "marquee.core.log.OneLineFormatter"),
    "JSON": ("marquee.core.log.JSONFormatter", "marquee.core.log.BriefJSONFormatter"),
}
LOG_FORMAT = env.choice("LOG_FORMAT", "line", FORMATTERS)
USUAL_FORMATTER, BRIEF_FORMATTER = FORMATTERS[LOG_FORMAT]
ACCESS_LOG = env.flag("ACCESS_LOG", default=True)
# Where `/metrics` is served, if at all.
METRICS_PORT = env.integer("METRICS_PORT", 0, maximum=65_535)
METRICS_ADDRESS = env.host("METRICS_ADDRESS", "127.0.0.1")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "usual": {"()": USUAL_FORMATTER},
        "brief": {"()": BRIEF_FORMATTER},
    },
    "filters": {"once a minute": {"()": "marquee.core.log.OnceAMinute"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "usual"},
        "strangers": {
            "class": "logging.StreamHandler",
            "formatter": "brief",
            "filters": ["once a minute"],
        },
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Not its own handlers, which with DEBUG print paths and whole errors beside ours.
        "django": {"handlers": []},
        "marquee": {"level": env.choice("LOG_LEVEL", "INFO", LOG_LEVELS)},
        # Refusals are normal responses: only real failures belong in the log.
        "django.request": {"level": "ERROR"},
        # Anybody can cause these, such as by a form without its CSRF token, by a Host that
        # ALLOWED_HOSTS does not name, or by a storm of logins: one short line each, once a minute.
        # So is why the database does not answer, which may be so for all requests.
        "django.security": {"handlers": ["strangers"], "propagate": False},
        "marquee.accounts.hashers": {"handlers": ["strangers"], "propagate": False},
        "marquee.database": {"handlers": ["strangers"], "propagate": False},
    },
}

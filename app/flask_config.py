"""Settings in the words of Flask and its extensions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.settings import Settings
from app.shared.database import engine_options, pick_driver
from app.shared.safe_answers import cookie_name


def flask_config(settings: Settings) -> dict[str, Any]:
    """What Flask, Flask-SQLAlchemy, Flask-Login, Flask-WTF, Flask-Mail and Flask-Caching read."""
    url = pick_driver(settings.database_url)
    secure = settings.is_https
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": [settings.secret_key_old] if settings.secret_key_old else None,
        "MAX_CONTENT_LENGTH": (settings.upload_megabytes + 1) * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 512 * 1024,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "SESSION_COOKIE_NAME": cookie_name("tradepost", is_https=secure),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        # Sent when something in it changed; a cookie with every picture and style sheet would keep caches from them.
        "SESSION_REFRESH_EACH_REQUEST": False,
        "SQLALCHEMY_DATABASE_URI": url,
        "DATABASE_CLUSTER": settings.database_cluster,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(url, settings.database_pool_size),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SECRET_KEY": settings.signing_keys,
        "MAIL_SERVER": settings.mail_server,
        "MAIL_PORT": settings.mail_port,
        "MAIL_USERNAME": settings.mail_username or None,
        "MAIL_PASSWORD": settings.mail_password or None,
        "MAIL_USE_TLS": settings.mail_use_tls,
        "MAIL_DEFAULT_SENDER": settings.mail_default_sender,
        "CACHE_TYPE": "app.shared.front_cache.FrontCache",
        "CACHE_REDIS_URL": settings.redis_url,
        "CACHE_DEFAULT_TIMEOUT": 60,
    }

"""Tradepost: a wholesale storefront a small business can host itself."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from app.blueprints import init_blueprints
from app.bug_reports import init_bug_reports
from app.cli import init_cli
from app.error_pages import init_error_pages
from app.extensions import cache, csrf, db, limiter, login_manager
from app.extensions import mail as mail_extension  # the name app.mail belongs to the package of that name
from app.flask_config import flask_config
from app.fresh_pages import init_fresh_pages
from app.late_migrate import init_migrate
from app.layout import init_layout
from app.metrics.switch import init_metrics
from app.overload.door import init_overload
from app.rate_limits import init_rate_limits
from app.request_log import init_request_log
from app.security_headers import init_security_headers
from app.settings import Settings
from app.shared.database import prepare_engine
from app.shared.secret_box import secret_box
from app.sign_in import init_sign_in
from app.template_filters import init_template_filters
from app.web import ShopTemplates


def create_app(settings: Settings | None = None) -> Flask:
    """The shop's pages. Settings come from the environment unless given; the back office is added by wsgi.py."""
    settings = settings or Settings.from_env()
    app = Flask(__name__, instance_path=settings.instance_path)
    app.config.from_mapping(flask_config(settings))
    app.extensions["settings"] = settings
    app.jinja_environment = ShopTemplates
    app.jinja_env.undefined = StrictUndefined
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    secret_box.init(settings.data_key, settings.data_key_old)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    init_migrate(app)
    mail_extension.init_app(app)
    # Counted before anything else is looked at, so that forged forms in numbers are refused like all others.
    init_request_log(app)
    init_bug_reports(app)
    init_fresh_pages(app)
    init_metrics(app)
    init_overload(app)
    init_rate_limits(app, limiter, settings)
    csrf.init_app(app)
    cache.init_app(app)
    login_manager.init_app(app)
    init_security_headers(app)
    init_sign_in(app, login_manager)
    init_template_filters(app)
    init_layout(app)
    init_error_pages(app)
    init_blueprints(app)
    init_cli(app)
    return app

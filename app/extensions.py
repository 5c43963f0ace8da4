"""The extensions, unbound; create_app() binds them."""

from __future__ import annotations

from flask import abort, request
from flask_caching import Cache
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

# Explicit names, so that every engine and every migration calls a constraint the same.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


# expire_on_commit=False: what a use case returns stays readable after its commit without a query per object;
# transaction() expires everything at its start instead, so that decisions are made on fresh rows.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
login_manager = LoginManager()


class FormGuard(CSRFProtect):  # type: ignore[misc]  # Flask-WTF carries no types
    """Flask-WTF's, which takes every part of a form to have a name and stumbles over one that has none."""

    def protect(self, apply_exemptions: bool = False) -> None:
        if None in request.form:
            abort(400)
        super().protect(apply_exemptions)


csrf = FormGuard()
mail = Mail()
limiter = Limiter(key_func=get_remote_address)
cache = Cache()

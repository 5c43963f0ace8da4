"""The shape of a cancellation."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length, Optional


class CancelForm(FlaskForm):
    reason = StringField("Why", [Optional(), Length(max=200, message="Keep the reason under 200 letters.")])

"""The shape of what the page behind a payment link sends."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length


class PayForm(FlaskForm):
    """`shown_total` is what the page asked for, in cents, and `after` the last payment it knew: both are compared only."""

    shown_total = HiddenField(validators=[InputRequired(), Length(max=15)])
    after = HiddenField(validators=[InputRequired(), Length(max=19)])
    source_token = StringField("Card", [Length(max=255)])

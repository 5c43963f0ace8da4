"""The shape of a registration."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.accounts.names import is_greetable
from app.accounts.passwords import LONGEST
from app.registration.register import Register

_ADDRESS = [InputRequired("Enter your e-mail address."), Length(max=254, message="That address is too long.")]


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())


class RegisterForm(FlaskForm):
    name = StringField(
        "Your name",
        [DataRequired("Enter your name."), Length(max=120, message="Use at most 120 characters.")],
        filters=[_tidy],
    )
    email = EmailField("E-mail address", _ADDRESS)
    password = PasswordField(
        "Password",
        [
            InputRequired("Choose a password."),
            Length(max=LONGEST, message=f"Use at most {LONGEST} characters."),
        ],
    )

    def validate_name(self, field):
        if field.data and not is_greetable(field.data):
            raise ValidationError("Write your name without web addresses or signs like / and @.")

    def to_command(self) -> Register:
        return Register(email=self.email.data, name=self.name.data, password=self.password.data)


class CorrectAddressForm(FlaskForm):
    email = EmailField("The right e-mail address", _ADDRESS)

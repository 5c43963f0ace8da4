"""The shape of what people type about their account."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from app.accounts.change_password import ChangePassword
from app.accounts.log_in import LogIn
from app.accounts.passwords import LONGEST, SHORTEST
from app.accounts.reset_password import ResetPassword

_ADDRESS = [InputRequired("Enter your e-mail address."), Length(max=254, message="That address is too long.")]
_TOO_LONG = Length(max=LONGEST, message=f"Use at most {LONGEST} characters.")
NEW_PASSWORD_HELP = f"At least {SHORTEST} characters. A short sentence is easy to keep in mind."


class SignInForm(FlaskForm):
    email = EmailField("E-mail address", _ADDRESS)
    password = PasswordField("Password", [InputRequired("Enter your password."), _TOO_LONG])

    def to_command(self) -> LogIn:
        return LogIn(email=self.email.data, password=self.password.data)


class ForgotForm(FlaskForm):
    email = EmailField("E-mail address", _ADDRESS)


class NewPasswordForm(FlaskForm):
    password = PasswordField("New password", [InputRequired("Choose a new password."), _TOO_LONG])

    def to_command(self, token_id: int) -> ResetPassword:
        return ResetPassword(token_id=token_id, password=self.password.data)


class ChangePasswordForm(FlaskForm):
    current = PasswordField("Present password", [InputRequired("Enter your present password."), _TOO_LONG])
    new = PasswordField("New password", [InputRequired("Choose a new password."), _TOO_LONG])

    def to_command(self, user_id: int) -> ChangePassword:
        return ChangePassword(user_id=user_id, current=self.current.data, new=self.new.data)

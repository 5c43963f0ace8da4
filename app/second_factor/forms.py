"""The shape of what people type about their second factor."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.accounts.passwords import LONGEST
from app.second_factor.answer_code import AnswerCode
from app.second_factor.begin import BeginSecondFactor
from app.second_factor.half_sign_in import HalfSignIn
from app.second_factor.renew_recovery_codes import RenewRecoveryCodes
from app.second_factor.turn_off import TurnOffOwn
from app.second_factor.turn_on import TurnOnSecondFactor

_LONGEST_CODE = 60
_NOT_A_CODE = Length(max=_LONGEST_CODE, message="That is longer than any code.")


class SignInCodeForm(FlaskForm):
    code = StringField("Code", [InputRequired("Enter the code your app shows."), _NOT_A_CODE])

    def to_command(self, half: HalfSignIn) -> AnswerCode:
        return AnswerCode(user_id=half.user_id, epoch=half.epoch, typed=self.code.data or "")


class ConfirmForm(FlaskForm):
    code = StringField("Code from the app", [InputRequired("Enter the code your app shows."), _NOT_A_CODE])

    def to_command(self, user_id: int) -> TurnOnSecondFactor:
        return TurnOnSecondFactor(user_id=user_id, typed=self.code.data or "")


class PasswordForm(FlaskForm):
    """Each of its uses on the page has fields of its own names, so that labels and errors find theirs."""

    current = PasswordField(
        "Your password",
        [
            InputRequired("Enter your password."),
            Length(max=LONGEST, message=f"Use at most {LONGEST} characters."),
        ],
    )

    def to_begin(self, user_id: int) -> BeginSecondFactor:
        return BeginSecondFactor(user_id=user_id, password=self.current.data or "")

    def to_renew(self, user_id: int) -> RenewRecoveryCodes:
        return RenewRecoveryCodes(user_id=user_id, password=self.current.data or "")

    def to_turn_off(self, user_id: int) -> TurnOffOwn:
        return TurnOffOwn(user_id=user_id, password=self.current.data or "")

"""What a new shop is asked, step by step: the same fields and the same words in the browser and in `flask install`."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from wtforms import (
    BooleanField,
    EmailField,
    Form,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from app.accounts.addresses import AddressNotUsable, normalise_email
from app.accounts.passwords import LONGEST, SHORTEST, PasswordTooWeak, check_strength
from app.shared.us_states import STATE_NAMES

# What the United States keep time by, west of nowhere left out; `flask install --from` takes any other zone, too.
TIME_ZONES = [
    SelectChoice("America/New_York", "Eastern (New York)"),
    SelectChoice("America/Chicago", "Central (Chicago)"),
    SelectChoice("America/Denver", "Mountain (Denver)"),
    SelectChoice("America/Phoenix", "Mountain without daylight saving (Phoenix)"),
    SelectChoice("America/Los_Angeles", "Pacific (Los Angeles)"),
    SelectChoice("America/Anchorage", "Alaska (Anchorage)"),
    SelectChoice("Pacific/Honolulu", "Hawaii (Honolulu)"),
    SelectChoice("America/Puerto_Rico", "Atlantic (Puerto Rico)"),
]
SQLITE, MYSQL = "sqlite", "mysql"
LIVE, TRIAL = "live", "trial"
_LOCAL = {"localhost", "127.0.0.1", "[::1]"}


def _strip(text: str | None) -> str:
    return (text or "").strip()


def _most(length: int) -> Length:
    return Length(max=length, message=f"That is too long; {length} characters fit.")


def _email(_form: Form, field: Any) -> None:
    try:
        field.data = normalise_email(field.data or "")
    except AddressNotUsable as refusal:
        raise ValidationError(refusal.message) from None


class _AlwaysChecked:
    """Runs what a field may need only sometimes, even where the field is empty."""

    field_flags: ClassVar[dict[str, bool]] = {}

    def __init__(self, check: Any):
        self._check = check

    def __call__(self, form: Form, field: Any) -> None:
        self._check(form, field)


class StepForm(Form):
    """`secrets` are never sent back to a browser: an empty one means "as it was"."""

    secrets: ClassVar[tuple[str, ...]] = ()

    def keep_secrets(self, kept: dict[str, Any]) -> None:
        """Fill in what was typed earlier where nothing new was typed."""
        for name in self.secrets:
            if not self[name].data and kept.get(name):
                self[name].data = kept[name]
                self[name].raw_data = [kept[name]]


class NumberField(IntegerField):
    """A whole number, and plain words for anything else."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([each.replace(",", "").strip() for each in valuelist])
        except ValueError:
            raise ValueError("Enter a whole number in digits, like 587.") from None


def _needs_mysql(words: str) -> _AlwaysChecked:
    def check(form: Form, field: Any) -> None:
        if form["kind"].data == MYSQL and not _strip(field.data):
            raise ValidationError(words)

    return _AlwaysChecked(check)


class DatabaseForm(StepForm):
    secrets = ("password",)
    kind = RadioField(
        "Kind of database",
        choices=[
            SelectChoice(MYSQL, "MySQL or MariaDB"),
            SelectChoice(SQLITE, "A file in the shop's own folder (SQLite)"),
        ],
        default=MYSQL,
        validators=[InputRequired("Choose one of the two.")],
    )
    host = StringField(
        "Server", [_needs_mysql("Enter the server's name; on most hosts it is localhost."), _most(200)],
        default="localhost", filters=[_strip],
    )  # fmt: skip
    name = StringField(
        "Name of the database", [_needs_mysql("Enter the database's name as your host shows it."), _most(64)],
        filters=[_strip],
    )  # fmt: skip
    user = StringField(
        "User", [_needs_mysql("Enter the database user as your host shows it."), _most(80)], filters=[_strip]
    )
    password = PasswordField("Password of that user", [Optional(), _most(200)])


class AddressForm(StepForm):
    site_url = StringField(
        "The shop's address", [InputRequired("Enter the address, like https://shop.example.com."), _most(200)],
        filters=[_strip],
    )  # fmt: skip

    def validate_site_url(self, field: Any) -> None:
        if "://" not in field.data:
            field.data = f"https://{field.data}"
        parts = urlsplit(field.data)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ValidationError(
                "Enter the address alone, without a folder behind it, like https://shop.example.com."
            )
        if parts.scheme == "http" and parts.hostname not in _LOCAL:
            raise ValidationError(
                "Begin it with https://. Passwords and cards must travel encrypted; your host gives you the "
                "certificate for it, mostly for free (cPanel: SSL/TLS Status)."
            )
        field.data = f"{parts.scheme}://{parts.netloc.lower()}"


class MailForm(StepForm):
    secrets = ("password",)
    sender = EmailField(
        "The shop writes from", [InputRequired("Enter the address the shop writes from."), _email]
    )
    server = StringField(
        "Mail server", [InputRequired("Enter the mail server, like mail.example.com."), _most(200)],
        default="localhost", filters=[_strip],
    )  # fmt: skip
    port = NumberField(
        "Port",
        [
            InputRequired("Enter the port: 587, 465 or 25."),
            NumberRange(1, 65535, "A port is a number up to 65535, like 587."),
        ],
        default=587,
    )
    use_tls = BooleanField(
        "Encrypt with STARTTLS (usual on port 587; port 465 is always encrypted)", default=True
    )
    user = StringField("User", [Optional(), _most(200)], filters=[_strip])
    password = PasswordField("Password", [Optional(), _most(200)])
    per_hour = NumberField(
        "Mails an hour your host lets out",
        [Optional(), NumberRange(0, 1_000_000, "Enter a number of mails, or 0 for no cap.")],
        default=200,
    )
    try_to = EmailField("Send the trial mail to", [Optional(), _email])


class SquareForm(StepForm):
    secrets = ("access_token", "webhook_key")
    mode = RadioField(
        "Account",
        choices=[
            SelectChoice(LIVE, "Live: real cards, real money"),
            SelectChoice(TRIAL, "Square's sandbox: trial cards, no money"),
        ],
        default=LIVE,
        validators=[InputRequired("Choose one of the two.")],
    )
    application_id = StringField(
        "Application ID", [InputRequired("Copy the Application ID from Square's console."), _most(100)],
        filters=[_strip],
    )  # fmt: skip
    access_token = PasswordField(
        "Access token", [InputRequired("Copy the access token from Square's console."), _most(200)],
        filters=[_strip],
    )  # fmt: skip
    location_id = StringField(
        "Location ID",
        [
            InputRequired("Copy the ID of the location your sales are booked at."),
            Regexp(r"[A-Za-z0-9_-]{1,64}\Z", message="A location ID has letters and digits only."),
        ],
        filters=[_strip],
    )
    webhook_key = PasswordField("Webhook signature key", [Optional(), _most(200)], filters=[_strip])
    base_url = StringField("Another address in Square's place", [Optional(), _most(200)], filters=[_strip])

    def validate_application_id(self, field: Any) -> None:
        is_trial_id = field.data.startswith("sandbox-")
        if self.mode.data == LIVE and is_trial_id and not self.base_url.data:
            raise ValidationError(
                'This ID belongs to the sandbox. Copy the one from the "Production" tab, or choose the sandbox above.'
            )
        if self.mode.data == TRIAL and not is_trial_id:
            raise ValidationError(
                'The sandbox\'s ID begins with "sandbox-". Copy it from the "Sandbox" tab, or choose Live above.'
            )

    def validate_base_url(self, field: Any) -> None:
        if urlsplit(field.data).scheme not in {"http", "https"}:
            raise ValidationError("Enter a whole address, like http://127.0.0.1:8001, or leave it empty.")


class ShopForm(StepForm):
    name = StringField(
        "Name of the shop", [InputRequired("Enter the name buyers know you by."), _most(80)], filters=[_strip]
    )
    email = EmailField(
        "E-mail address buyers can write to", [InputRequired("Enter an e-mail address."), _email]
    )
    phone = TelField("Phone number", [Optional(), _most(20)], filters=[_strip])
    line1 = StringField("Street and number", [Optional(), _most(120)], filters=[_strip])
    city = StringField("City", [Optional(), _most(80)], filters=[_strip])
    state = SelectField(
        "State",
        choices=[
            SelectChoice("", "Choose"),
            *(SelectChoice(code, name) for code, name in STATE_NAMES.items()),
        ],
        validators=[InputRequired("Choose your state.")],
    )
    postal_code = StringField(
        "ZIP code",
        [
            InputRequired("Enter the 5 digits of the ZIP code, like 04101."),
            Regexp(r"\d{5}(-\d{4})?\Z", message="Enter the 5 digits of the ZIP code, like 04101."),
        ],
        filters=[_strip],
    )
    time_zone = SelectField(
        "Time zone", choices=TIME_ZONES, default="America/New_York", validate_choice=False
    )

    def validate_time_zone(self, field: Any) -> None:
        if field.data not in available_timezones():
            raise ValidationError("Choose a time zone from the list.")


class OwnerForm(StepForm):
    secrets = ()
    name = StringField("Your name", [InputRequired("Enter your name."), _most(120)], filters=[_strip])
    email = EmailField("Your e-mail address", [InputRequired("Enter your e-mail address."), _email])
    password = PasswordField("Password", [InputRequired("Choose a password."), _most(LONGEST)])

    def validate_password(self, field: Any) -> None:
        try:
            check_strength(field.data, email=self.email.data or "", name=self.name.data or "")
        except PasswordTooWeak as refusal:
            raise ValidationError(refusal.message) from None


PASSWORD_HELP = f"At least {SHORTEST} characters. A short sentence is easy to keep in mind."

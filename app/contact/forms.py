"""The shape of a message to the shop."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.accounts.names import is_greetable
from app.contact.send_message import SendMessage
from app.contact.topics import Topic

LONGEST = 4000
_TOPICS = [SelectChoice("", "Choose one"), *(SelectChoice(topic.value, topic.label) for topic in Topic)]


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())


def _trim(text: str | None) -> str:
    return (text or "").strip()


class ContactForm(FlaskForm):
    name = StringField(
        "Your name",
        [DataRequired("Enter your name."), Length(max=120, message="Use at most 120 characters.")],
        filters=[_tidy],
    )
    email = EmailField(
        "E-mail address",
        [InputRequired("Enter your e-mail address."), Length(max=254, message="That address is too long.")],
    )
    topic = SelectField("What is it about?", choices=_TOPICS, validate_choice=False)
    body = TextAreaField(
        "Your message",
        [
            DataRequired("Write your message."),
            Length(max=LONGEST, message=f"Use at most {LONGEST:,} characters."),
        ],
        filters=[_trim],
    )
    # No person sees it; a machine fills every field it finds.
    fax = StringField("Leave this empty")
    opened = HiddenField()

    def validate_topic(self, field):
        if field.data not in {topic.value for topic in Topic}:
            raise ValidationError("Choose what it is about.")

    @property
    def is_by_machine(self) -> bool:
        return bool(self.fax.data)

    def validate_name(self, field):
        if field.data and not is_greetable(field.data):
            raise ValidationError("Write your name without web addresses or signs like / and @.")

    def to_command(self, user_id: int | None, business_id: int | None) -> SendMessage:
        return SendMessage(
            name=self.name.data,
            email=self.email.data,
            topic=Topic(self.topic.data),  # type: ignore[call-arg]
            body=self.body.data,
            user_id=user_id,
            business_id=business_id,
        )

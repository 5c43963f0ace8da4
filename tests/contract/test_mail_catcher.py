"""The mail catcher, through smtplib on one side and HTTP on the other."""

import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from sandbox.mail import MailCatcher
from tests.contract import plain_http


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    with MailCatcher(tmp_path / "mail") as running:
        yield running


def letter(
    to: str = "ann@example.com", subject: str = "Verify", text: str = "Hello", html: str = ""
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Shop <shop@example.com>", to, subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def send(catcher: MailCatcher, *messages: EmailMessage, recipients: list[str] | None = None) -> None:
    with smtplib.SMTP(catcher.smtp_host, catcher.smtp_port, timeout=5) as smtp:
        for message in messages:
            smtp.send_message(message, to_addrs=recipients)


def listed(catcher: MailCatcher, to: str = "") -> list[dict[str, Any]]:
    answer = plain_http.get(f"{catcher.url}/api/messages", params={"to": to} if to else {})
    assert answer.status_code == 200
    return list(answer.json())


def test_a_mail_is_read_back_as_it_was_sent(catcher: MailCatcher) -> None:
    send(
        catcher,
        letter(subject="Grüße — verify", text="Open http://shop/verify/abc", html="<p>Open <b>it</b></p>"),
    )
    (mail,) = listed(catcher)
    assert mail["to"] == "ann@example.com"
    assert mail["from"] == "Shop <shop@example.com>"
    assert mail["subject"] == "Grüße — verify"
    assert mail["text"].strip() == "Open http://shop/verify/abc"
    assert mail["html"].strip() == "<p>Open <b>it</b></p>"
    assert mail["received_at"].endswith("+00:00")


def test_mail_is_listed_newest_first_and_by_recipient(catcher: MailCatcher) -> None:
    send(catcher, letter(subject="1"), letter(subject="2", to="bob@example.com"), letter(subject="3"))
    assert [mail["subject"] for mail in listed(catcher)] == ["3", "2", "1"]
    assert [mail["subject"] for mail in listed(catcher, to="ANN@example.com")] == ["3", "1"]
    assert listed(catcher, to="ann@example.co") == []


def test_a_hidden_copy_is_found_by_its_recipient(catcher: MailCatcher) -> None:
    send(catcher, letter(), recipients=["ann@example.com", "archive@example.com"])
    (mail,) = listed(catcher, to="archive@example.com")
    assert (mail["to"], mail["recipients"]) == ("ann@example.com", ["ann@example.com", "archive@example.com"])


def test_mail_outlives_a_restart_as_eml_files(tmp_path: Path) -> None:
    with MailCatcher(tmp_path) as catcher:
        send(catcher, letter(subject="Kept"))
    assert len(list(tmp_path.glob("*.eml"))) == 1
    with MailCatcher(tmp_path) as catcher:
        assert [mail["subject"] for mail in listed(catcher)] == ["Kept"]


def test_everything_can_be_deleted(catcher: MailCatcher) -> None:
    send(catcher, letter(), letter())
    assert plain_http.delete(f"{catcher.url}/api/messages").json() == {"deleted": 2}
    assert listed(catcher) == []
    send(catcher, letter())
    page = plain_http.post(f"{catcher.url}/delete-all", follow_redirects=True)
    assert "No mail yet" in page.text
    assert listed(catcher) == []


def test_another_site_cannot_delete_mail(catcher: MailCatcher) -> None:
    send(catcher, letter())
    answer = plain_http.post(f"{catcher.url}/delete-all", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, len(listed(catcher))) == (403, 1)


def test_the_pages_show_mail_without_running_any_of_it(catcher: MailCatcher) -> None:
    script = "<script>alert(1)</script><a href='http://shop/verify/abc'>Verify</a>"
    send(catcher, letter(subject="<i>Hi</i>", text="Go to http://shop/verify/abc. <b>Now</b>", html=script))
    inbox = plain_http.get(catcher.url)
    assert "&lt;i&gt;Hi" in inbox.text
    assert "<i>Hi" not in inbox.text
    (mail,) = listed(catcher)
    page = plain_http.get(f"{catcher.url}/messages/{mail['id']}")
    assert '<a href="http://shop/verify/abc" target="_blank" rel="noopener noreferrer">' in page.text
    assert "&lt;b&gt;Now" in page.text
    assert "alert(1)" not in page.text
    assert 'sandbox="allow-popups' in page.text
    for shown in (inbox, page):
        assert "script-src" not in shown.headers["content-security-policy"]
        assert "default-src 'none'" in shown.headers["content-security-policy"]
    frame = plain_http.get(f"{catcher.url}/messages/{mail['id']}/html")
    policy = frame.headers["content-security-policy"]
    assert "Verify</a>" in frame.text
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


def test_attachments_and_inline_pictures_are_kept(catcher: MailCatcher) -> None:
    message = letter(subject="Invoice", html='<img src="cid:logo">')
    message.get_body(("html",)).add_related(b"\x89PNG-logo", "image", "png", cid="<logo>")  # type: ignore[union-attr]
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="invoice 1001.pdf")
    send(catcher, message)
    (mail,) = listed(catcher)
    assert mail["attachments"][-1] == "invoice 1001.pdf"
    parts = f"/messages/{mail['id']}/parts/"
    assert f'src="{parts}0"' in plain_http.get(f"{catcher.url}/messages/{mail['id']}/html").text
    assert plain_http.get(f"{catcher.url}{parts}0").content == b"\x89PNG-logo"
    attachment = plain_http.get(f"{catcher.url}{parts}1")
    assert (attachment.content, attachment.headers["content-type"]) == (
        b"%PDF-1.7",
        "application/octet-stream",
    )
    assert attachment.headers["content-disposition"] == 'attachment; filename="invoice_1001.pdf"'
    assert plain_http.get(f"{catcher.url}{parts}2").status_code == 404


@pytest.mark.parametrize("identity", ["20260101T000000000000", "..%2f..%2fetc%2fpasswd", "x.eml"])
def test_a_message_that_is_not_there_is_not_found(catcher: MailCatcher, identity: str) -> None:
    assert plain_http.get(f"{catcher.url}/messages/{identity}").status_code == 404


def test_a_mail_in_a_wrong_encoding_is_still_shown(catcher: MailCatcher) -> None:
    raw = b"From: a@b.c\r\nTo: ann@example.com\r\nSubject: odd\r\nContent-Type: text/plain; charset=nope\r\n\r\n\xffabc\r\n"
    with smtplib.SMTP(catcher.smtp_host, catcher.smtp_port, timeout=5) as smtp:
        smtp.sendmail("a@b.c", ["ann@example.com"], raw)
    assert "abc" in listed(catcher)[0]["text"]
    assert plain_http.get(catcher.url).status_code == 200


@pytest.mark.parametrize(
    "stage, error", [("rcpt", smtplib.SMTPRecipientsRefused), ("data", smtplib.SMTPDataError)]
)
def test_mail_is_refused_as_often_as_ordered(
    catcher: MailCatcher, stage: str, error: type[Exception]
) -> None:
    order = {"code": 452, "stage": stage, "count": 1}
    assert plain_http.post(f"{catcher.url}/_control/refuse", json=order).status_code == 200
    with pytest.raises(error, match="452"):
        send(catcher, letter())
    assert listed(catcher) == []
    send(catcher, letter())
    assert len(listed(catcher)) == 1


def test_one_recipient_can_be_refused_until_told_otherwise(catcher: MailCatcher) -> None:
    plain_http.post(f"{catcher.url}/_control/refuse", json={"code": 550, "to": "ann@example.com"})
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
            send(catcher, letter())
    send(catcher, letter(to="bob@example.com"))
    plain_http.delete(f"{catcher.url}/_control/refuse")
    send(catcher, letter())
    assert [mail["to"] for mail in listed(catcher)] == ["ann@example.com", "bob@example.com"]


def test_a_slow_server_outlasts_a_hasty_sender(catcher: MailCatcher) -> None:
    plain_http.post(f"{catcher.url}/_control/slow", json={"seconds": 0.4})
    started = time.monotonic()
    send(catcher, letter())
    assert time.monotonic() - started >= 0.4
    smtp = smtplib.SMTP(catcher.smtp_host, catcher.smtp_port, timeout=0.2)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        smtp.send_message(letter())


@pytest.mark.parametrize(
    "order", [{}, {"code": 200}, {"code": 550, "stage": "hello"}, {"code": 550, "count": -1}]
)
def test_an_order_that_makes_no_sense_is_refused(catcher: MailCatcher, order: dict[str, Any]) -> None:
    assert plain_http.post(f"{catcher.url}/_control/refuse", json=order).status_code == 400


def test_a_taken_port_is_an_error_at_once(catcher: MailCatcher, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="in use"):
        MailCatcher(tmp_path, smtp_port=catcher.smtp_port)
    assert plain_http.get(f"{catcher.url}/healthz").status_code == 200

"""What comes after: an order taken back, a question answered, a buyer shut out."""

import time

from sandbox.touring import buying
from sandbox.touring.outside import wait_until
from sandbox.touring.person import Page
from sandbox.touring.story import STAFF_MAILBOX, Story
from sandbox.touring.trouble import TourFailed

# A form sent sooner is taken for a machine's.
_SECONDS_TO_WRITE = 3.2


def cancel_an_order(story: Story) -> None:
    """Hannah orders and takes it back; the hold is let go, or what was charged comes back."""
    hannah = story.hannah
    with story.report.step("Hannah fills her cart and orders"):
        buying.reach_minimum(story, hannah)
        review = buying.choose_delivery(story, hannah, f"PO-H-{story.newcomer.stamp}")
        placed = buying.read_placed(buying.pay(review, buying.GOOD_CARD))
    with story.report.step(f"she cancels order {placed.number}"):
        page = hannah.open(f"/orders/{placed.number}")
        page.press("Cancel the order").is_at(f"/orders/{placed.number}").shows("is cancelled", "Cancelled")
    with story.report.step("on Square's side the money is free or given back"):
        how = story.ledger.wait_for_money_back(placed.number)
        word = "Hold released" if how == "voided" else "Refund"
        _wait_for_words(story, f"/orders/{placed.number}", word)
        story.mailbox.wait_for(story.hannah_email, f"Order {placed.number} is cancelled")


def ask_a_question(story: Story) -> None:
    """Mara writes, staff answers, the answer is in her mailbox."""
    who, ruth = story.newcomer, story.ruth
    question = f"Does the {story.chosen.name} come in another color? Question {who.stamp}"
    answer = f"It does from March on. Answer {who.stamp}"
    with story.report.step("Mara writes through the contact form"):
        form = story.mara.open("/contact")
        time.sleep(_SECONDS_TO_WRITE)
        form.press(
            "Send the message", {"What is it about?": "A product or its stock", "Your message": question}
        ).is_at("/contact/thanks")
    with story.report.step("staff is told and she is told that it arrived"):
        story.mailbox.wait_for(STAFF_MAILBOX, f"Message from {who.name}")
        story.mailbox.wait_for(who.email, "message")
    with story.report.step("Ruth reads it in the back office and answers"):
        listing = ruth.open("/admin/messages/")
        row = next(
            (each for each in listing.soup.select("tbody tr") if question[:40] in each.get_text()), None
        )
        if row is None:
            raise TourFailed("the message among those to answer", listing.text[:600])
        page = ruth.open(str(row.select_one("a[href]")["href"]))  # type: ignore[index]
        page.shows(question).press("Send the answer", {"Your answer": answer}).shows(answer)
    with story.report.step("the answer is in Mara's mailbox"):
        mail = story.mailbox.wait_for(who.email, "about your message")
        if answer not in mail.text:
            raise TourFailed(f"{answer!r} in the mail", mail.text)


def shut_out(story: Story) -> None:
    """Staff deactivates Mara; her next click leads to the sign-in page, and she cannot come back."""
    who, ruth, mara = story.newcomer, story.ruth, story.mara
    with story.report.step("Ruth deactivates Mara, after being asked whether she means it"):
        people = ruth.open(f"/admin/users/?search={who.email}")
        page = ruth.open(people.link(who.name)).press("Deactivate")
        page.shows("signed out on every device").press("Deactivate").shows("cannot sign in")
    with story.report.step("Mara is out at her next click and cannot sign in again"):
        mara.sees_prices = False
        mara.open("/orders/").is_at("/login")
        mara.open(story.chosen.path).hides(story.chosen.price)
        mara.open("/login").press(
            "Sign in", {"E-mail address": who.email, "Password": who.password}, within="main", status=422
        )


def _wait_for_words(story: Story, path: str, words: str) -> Page:
    def find() -> Page | None:
        page = story.hannah.open(path)
        return page if words in page.text else None

    return wait_until(
        find, f"{words!r} on {path}", story.patience, lambda: story.hannah.open(path).text[:800]
    )

"""From a stranger who sees no price to an application that waits for staff."""

from datetime import date, timedelta

from sandbox.demo.paper import Certificate, draw_certificate
from sandbox.touring.person import Page
from sandbox.touring.story import STAFF_MAILBOX, Goods, Story
from sandbox.touring.trouble import TourFailed

_GOODS_WANTED = 6


def choose_goods(story: Story) -> None:
    """Hannah finds something sold by the case that is in stock, and reads its price: the one Mara must not see."""
    with story.report.step("Hannah, an approved buyer, signs in and reads a price"):
        story.sign_in(story.hannah, story.hannah_email)
        story.shelf = _fill_shelf(story)


def look_as_a_stranger(story: Story) -> None:
    """The same page, and a word why there is no price on it."""
    with story.report.step("Mara, a stranger, sees the same product without price, stock or order button"):
        page = story.mara.open(story.chosen.path).shows(story.chosen.name)
        page.hides(story.chosen.price, "Add to cart").select(
            ".price-hidden", "the reason why there is no price"
        )
        story.mara.open("/").hides(story.chosen.price)
        story.mara.open("/search?q=" + story.chosen.name.split()[0]).hides(story.chosen.price)


def register(story: Story) -> None:
    """Register, read the mail, confirm, sign in."""
    who = story.newcomer
    answers = {"Your name": who.name, "E-mail address": who.email, "Password": who.password}
    with story.report.step("Mara registers and is told to look at her mail"):
        page = story.mara.open("/register").press("Open an account", answers, within="main")
        page.is_at("/register/check-mail").shows(who.email)
    with story.report.step("the verification mail is there"):
        link = story.mailbox.wait_for(who.email, "Confirm your e-mail address").link("/verify/")
    with story.report.step("its link confirms the address, once"):
        story.mara.open(link).press("Confirm my address").shows("is confirmed")
        story.mara.open(link, status=410)
    with story.report.step("Mara signs in and is asked about her business"):
        page = story.sign_in(story.mara, who.email, who.password)
        page.is_at("/account/business")


def apply(story: Story) -> None:
    """Business facts, address, certificate; submitted, and staff hears of it."""
    who = story.newcomer
    with story.report.step(
        "business facts; an EIN that is too short is explained, and nothing typed is lost"
    ):
        page = story.mara.open("/account/business/application")
        facts: dict[str, str | bool] = {
            "Legal name": who.legal_name,
            "Kind of business": "Retail store",
            "EIN": who.ein[:-1],
            "Phone": "(207) 555 0177",
        }
        page = page.press("Save and go on", facts, status=422).shows("9 digits of your EIN")
        page.select(f'input[value="{who.legal_name}"]', "the legal name as it was typed")
        page = page.press("Save and go on", {"EIN": who.ein})
    with story.report.step("the business's address"):
        address: dict[str, str | bool] = {
            "Street and number": "9 Wharf Street",
            "City": "Portland",
            "State": "Maine",
            "ZIP code": "04101",
        }
        page = page.press("Save and go on", address).shows("Your resale certificate")
    with story.report.step("a resale certificate with its paper"):
        paper: dict[str, str | bool] = {
            "Certificate number": f"ME-{who.stamp}",
            "State that issued it": "Maine",
            "Issued on": _draw(story).issued_on.isoformat(),
        }
        files = {"Certificate": ("certificate.pdf", draw_certificate(_draw(story)), "application/pdf")}
        page = page.press("Save and go on", paper, files).shows("Nothing is missing", "certificate.pdf")
        page.hides(who.ein, who.ein.replace("-", ""))
    with story.report.step("the application is sent; its page says what happens next, and staff has a mail"):
        page.press("Send the application").is_at("/account/business").shows(
            "We are looking at your application"
        )
        story.mailbox.wait_for(STAFF_MAILBOX, f"New application: {who.legal_name}")
    with story.report.step("until it is decided there are no prices and no checkout"):
        story.mara.open(story.chosen.path).hides(story.chosen.price, "Add to cart")
        story.mara.open("/checkout/").is_at("/account/business")


def _draw(story: Story) -> Certificate:
    """What Mara's paper says."""
    issued = date.today() - timedelta(days=40)  # noqa: DTZ011 - a day long past, whatever the zone
    who = story.newcomer
    return Certificate(
        state_name="Maine",
        number=f"ME-{who.stamp}",
        legal_name=who.legal_name,
        trade_name="Rosehip & Rye",
        address="9 Wharf Street, Portland, ME 04101",
        ein=who.ein,
        kind="Retail store",
        issued_on=issued,
        expires_on=None,
        signed_by=who.name,
    )


def _fill_shelf(story: Story) -> list[Goods]:
    """Several things sold by the case and in stock, so that no tour depends on one of them."""
    listing = story.hannah.open("/catalog")
    shelf: list[Goods] = []
    for category in dict.fromkeys(
        str(each["href"]) for each in listing.soup.select("main a[href^='/catalog/']")
    ):
        page = story.hannah.open(f"{category}?view=cards")
        for path in dict.fromkeys(
            str(each["href"]) for each in page.soup.select("main a[href^='/products/']")
        ):
            goods = _read_goods(story.hannah.open(path))
            shelf += [goods] if goods else []
            if len(shelf) == _GOODS_WANTED:
                return shelf
    raise TourFailed(f"{_GOODS_WANTED} things sold by the case and in stock", f"{len(shelf)} of them")


def _read_goods(page: Page) -> Goods | None:
    """What stands in the price box; None for single units, or where stock runs low."""
    box = page.soup.select_one("#price-box")
    quantity = box.select_one("input[name=quantity]") if box else None
    if (
        box is None
        or quantity is None
        or int(str(quantity["data-pack"])) < 2
        or "In stock" not in box.get_text()
    ):
        return None
    price = page.select("#price-box .price", "a price").get_text(strip=True)
    name = page.select("h1", "a heading").get_text(" ", strip=True)
    return Goods(page.path, name, int(str(quantity["data-pack"])), int(str(quantity["data-min"])), price)

"""From a stranger who sees no price to an application that waits for staff."""

from datetime import date, timedelta

from sandbox.demo.paper import Certificate, draw_certificate
from sandbox.touring.person import Page
from sandbox.touring.story import STAFF_MAILBOX, Goods, Story
from sandbox.touring.trouble import TourFailed

_MOST_PRODUCTS_TRIED = 20


def choose_goods(story: Story) -> None:
    """Hannah finds something sold by the case that is in stock, and reads its price: the one Mara must not see."""
    with story.report.step("Hannah, an approved buyer, signs in and reads a price"):
        story.sign_in(story.hannah, story.hannah_email)
        story.goods = _find_goods(story)
        if not story.goods.price:
            raise TourFailed(f"a price on {story.goods.path}", "none")


def look_as_a_stranger(story: Story) -> None:
    """The same page, and a word why there is no price on it."""
    with story.report.step("Mara, a stranger, sees the same product without price, stock or order button"):
        page = story.mara.open(story.chosen.path).shows(story.chosen.name)
        page.hides(story.chosen.price, "Add to cart").select(".price-hidden", "the reason why there is no price")
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


def _find_goods(story: Story) -> Goods:
    listing = story.hannah.open("/catalog")
    category = listing.select("main a[href^='/catalog/']", "a category")["href"]
    listing = story.hannah.open(f"{category}?view=cards")
    paths = dict.fromkeys(str(each["href"]) for each in listing.soup.select("main a[href^='/products/']"))
    for path in list(paths)[:_MOST_PRODUCTS_TRIED]:
        goods = _read_goods(story.hannah.open(path))
        if goods is not None:
            return goods
    raise TourFailed(f"something sold by the case and in stock under {category}", ", ".join(paths))


def _read_goods(page: Page) -> Goods | None:
    """What stands in the price box; None for single units, or where stock runs low."""
    box = page.soup.select_one("#price-box")
    quantity = box.select_one("input[name=quantity]") if box else None
    if box is None or quantity is None or int(str(quantity["data-pack"])) < 2 or "In stock" not in box.get_text():
        return None
    price = page.select("#price-box .price", "a price").get_text(strip=True)
    name = page.select("h1", "a heading").get_text(" ", strip=True)
    return Goods(page.path, name, int(str(quantity["data-pack"])), int(str(quantity["data-min"])), price)

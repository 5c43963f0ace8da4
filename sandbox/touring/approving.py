"""Staff looks at the application and lets the business in; prices open."""

from sandbox.touring.person import Page
from sandbox.touring.story import Story
from sandbox.touring.trouble import TourFailed

_GROUP = "Independent shops"


def approve(story: Story) -> None:
    """Found in the queue, approved with a group, told by mail; the price is there."""
    who, ruth, mara = story.newcomer, story.ruth, story.mara
    with story.report.step("Ruth, the shop's owner, signs in; her home page counts applications"):
        story.sign_in(ruth, story.ruth_email).is_at("/admin/").shows("Applications")
    with story.report.step("the application is in the queue, with all facts and the paper, the EIN masked"):
        queue = ruth.open("/admin/approvals/").shows(who.legal_name)
        page = ruth.open(_row_link(queue, who.legal_name))
        page.shows(who.legal_name, "9 Wharf Street", f"ME-{who.stamp}").hides(
            who.ein, who.ein.replace("-", "")
        )
        paper = page.select("a[href*='/document/']", "a link to the certificate")
        _expect_pdf(story, str(paper["href"]))
    with story.report.step("Ruth approves with a customer group, after seeing the mail that goes out"):
        asked = page.press("Approve", {_GROUP: True, f"ME ME-{who.stamp}": True})
        asked.shows(_GROUP, "Approve and send the e-mail").press("Approve and send the e-mail").shows(
            "is approved"
        )
    with story.report.step("Mara has the mail"):
        story.mailbox.wait_for(who.email, "is approved: prices and ordering are open").link("/")
    with story.report.step("the price is there, where before there was none"):
        mara.sees_prices = True
        page = mara.open(story.chosen.path).shows("Add to cart")
        page.select("#price-box .price", "a price")


def _row_link(queue: Page, words: str) -> str:
    for row in queue.soup.select("tr, li"):
        link = row.select_one("a[href*='/approvals/']")
        if words in " ".join(row.get_text(" ").split()) and link is not None:
            return str(link["href"])
    raise TourFailed(f"{words} in the queue", queue.text[:900])


def _expect_pdf(story: Story, address: str) -> None:
    """For staff there is a document; for a stranger there is none."""
    page = story.ruth.open(address)
    if not page.source.startswith("%PDF"):
        raise TourFailed("the certificate as it was sent", page.source[:80])
    story.hannah.open(address, status=404)

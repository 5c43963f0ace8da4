"""Staff decide: the queue, the screen with everything, approve, reject, ask; hold, group, certificates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.permissions import ROLE_PERMISSIONS, Permission, Role
from app.businesses.models import Business, ResaleCertificate
from app.businesses.status import BusinessStatus, CertificateStatus
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock
from app.shared.history import list_history
from app.shared.money import Money
from tests.client import read_html, read_text, sign_in
from tests.factories import (
    make_address,
    make_business,
    make_certificate,
    make_group,
    make_shop,
    make_staff,
    make_user,
)

_S = BusinessStatus


@pytest.fixture(autouse=True)
def shop(app):
    return make_shop()


@pytest.fixture
def desk(client):
    sign_in(client, make_staff(Role.SHOP_OWNER))
    return client


@pytest.fixture
def waiting(app):
    business = make_business(_S.SUBMITTED, ein="123456789")
    make_address(business)
    make_user(business=business, email="ada@palmer.example")
    make_certificate(business, status=CertificateStatus.SUBMITTED)
    return business


def fresh(business) -> Business:
    db.session.expire_all()
    return db.session.get_one(Business, business.id)


def mails_due(kind: Kind) -> int:
    return len(list(db.session.scalars(select(OutboxRow).filter_by(kind=kind))))


def test_whoever_waits_longest_stands_first(desk):
    now = clock.now()
    late = make_business(_S.SUBMITTED, trade_name="Late", submitted_at=now - timedelta(hours=2))
    early = make_business(_S.SUBMITTED, trade_name="Early", submitted_at=now - timedelta(days=3))
    make_business(_S.APPROVED, trade_name="Settled")
    html = read_html(desk.get("/admin/approvals/"))
    assert [cell.get_text(strip=True) for cell in html.select("th.cell-first")] == ["Early", "Late"]
    words = html.get_text(" ")
    assert "3 days" in words
    assert "2 hours" in words
    assert early.id != late.id


def test_an_empty_queue_says_all_is_done(desk):
    assert "All is done." in read_text(desk.get("/admin/approvals/"))


def test_one_screen_has_the_facts_and_never_the_ein(desk, waiting):
    text = read_text(desk.get(f"/admin/approvals/{waiting.id}"))
    for words in (waiting.legal_name, "••-•••6789", "500 Valencia St", "ada@palmer.example", "Retail store"):
        assert words in text
    assert "12-3456789" not in text


def test_showing_the_ein_is_written_down(desk, waiting):
    page = desk.get(f"/admin/approvals/{waiting.id}")
    shown = desk.submit(page, "#business-facts form")
    assert "12-3456789" in read_text(shown)
    assert [entry.event for entry in list_history("business", waiting.id)] == ["ein_shown"]
    assert "12-3456789" not in read_text(desk.get(f"/admin/approvals/{waiting.id}"))


def test_duplicates_are_hinted_with_links(desk, waiting):
    same_ein = make_business(ein="123456789", trade_name="Same Number")
    same_place = make_business(trade_name="Same Street")
    make_address(same_place, line1="500 Valencia Street", postal_code="94110-2210")
    same_mail = make_business(trade_name="Same Mail")
    make_user(business=same_mail, email="bob@palmer.example")
    stranger = make_business(trade_name="Nobody Else")
    make_address(stranger, line1="501 Valencia St")
    html = read_html(desk.get(f"/admin/approvals/{waiting.id}"))
    links = {link.get_text(): link["href"] for link in html.select("#hints a")}
    hints = {link.get_text(): link.parent.get_text() for link in html.select("#hints a")}
    assert set(hints) == {"Same Number", "Same Street", "Same Mail"}
    assert "same EIN" in hints["Same Number"]
    assert "same address" in hints["Same Street"]
    assert "same mail domain" in hints["Same Mail"]
    assert links["Same Number"] == f"/admin/businesses/details/?id={same_ein.id}"
    assert "3 possible duplicates" in read_text(desk.get("/admin/approvals/"))


def test_free_mail_services_say_nothing(desk):
    one = make_business(_S.SUBMITTED)
    make_user(business=one, email="one@gmail.com")
    make_user(business=make_business(), email="two@gmail.com")
    assert read_html(desk.get(f"/admin/approvals/{one.id}")).select("#hints a") == []


def test_approving_shows_the_mail_first_and_opens_prices_with_the_group(desk, waiting):
    make_group("Standard", is_default=True)
    trade = make_group("Trade", first_order_minimum=Money(25000), reorder_minimum=Money(10000))
    paper = db.session.scalars(select(ResaleCertificate)).one()
    page = desk.get(f"/admin/approvals/{waiting.id}")
    assert "First order from $250.00, later ones from $100.00. Card only." in read_text(page)
    asked = desk.submit(page, "#approve-form", group=str(trade.id), certificates=str(paper.id))
    text = read_text(asked)
    assert "ada@palmer.example" in text
    assert "Your first order is at least $250.00" in text
    assert fresh(waiting).status is _S.SUBMITTED

    done = desk.submit(asked, "#confirm-form")
    assert "is approved." in read_text(done)
    business = fresh(waiting)
    assert (business.status, business.group_id) == (_S.APPROVED, trade.id)
    assert db.session.get_one(ResaleCertificate, paper.id).status is CertificateStatus.VERIFIED
    assert mails_due(Kind.MAIL_BUSINESS_APPROVED) == 1
    assert {"approved", "certificate_verified"} <= {
        entry.event for entry in list_history("business", waiting.id)
    }


def test_a_certificate_nobody_ticked_stays_unverified(desk, waiting):
    group = make_group()
    page = desk.get(f"/admin/approvals/{waiting.id}")
    asked = desk.submit(page, "#approve-form", group=str(group.id))
    assert "No certificate is verified" in read_text(asked)
    desk.submit(asked, "#confirm-form")
    db.session.expire_all()
    assert db.session.scalars(select(ResaleCertificate)).one().status is CertificateStatus.SUBMITTED


def test_the_whole_way_is_three_presses(desk, waiting):
    """The row in the queue, Approve, the answer to the question."""
    make_group(is_default=True)
    row = read_html(desk.get("/admin/approvals/")).select_one("th.cell-first a")["href"]
    asked = desk.submit(desk.get(row), "#approve-form")
    desk.submit(asked, "#confirm-form")
    assert fresh(waiting).status is _S.APPROVED


def test_a_rejection_needs_a_reason_which_the_applicant_reads(desk, waiting):
    page = desk.get(f"/admin/approvals/{waiting.id}")
    refused = desk.submit(page, "#reject-form")
    assert refused.status_code == 422
    assert "Choose a reason or write one" in read_text(refused)
    asked = desk.submit(page, "#reject-form", prepared="1", reason="It names Palmer & Sons.")
    assert "does not name the business that applied" in read_text(asked)
    desk.submit(asked, "#confirm-form")
    business = fresh(waiting)
    assert business.status is _S.REJECTED
    assert business.review_note.endswith("It names Palmer & Sons.")
    assert mails_due(Kind.MAIL_BUSINESS_REJECTED) == 1


def test_a_question_names_the_fields_it_opens(desk, waiting):
    page = desk.get(f"/admin/approvals/{waiting.id}")
    refused = desk.submit(page, "#ask-form", question="Show us the lower half.")
    assert refused.status_code == 422
    assert "Show us the lower half." in refused.get_data(as_text=True)
    asked = desk.submit(page, "#ask-form", question="Show us the lower half.", fields="certificate_file")
    assert "Certificate file" in read_text(asked)
    desk.submit(asked, "#confirm-form")
    business = fresh(waiting)
    assert (business.status, business.requested_fields) == (_S.NEEDS_INFORMATION, ["certificate_file"])
    assert mails_due(Kind.MAIL_BUSINESS_ASKED) == 1


def test_a_second_answer_to_the_same_application_is_refused_in_words(desk, waiting):
    group = make_group()
    page = desk.get(f"/admin/approvals/{waiting.id}")
    approving = desk.submit(page, "#approve-form", group=str(group.id))
    rejecting = desk.submit(page, "#reject-form", reason="No.")
    desk.submit(approving, "#confirm-form")
    late = desk.submit(rejecting, "#confirm-form")
    assert "cannot become rejected" in read_text(late)
    assert fresh(waiting).status is _S.APPROVED


def test_suspending_asks_first_and_closes_prices_while_reactivating_opens_them(desk, app):
    business = make_business()
    address = f"/admin/businesses/details/?id={business.id}"
    asked = desk.submit(desk.get(address), "#suspend-form", reason="An invoice is open.")
    assert "see no prices" in read_text(asked)
    assert fresh(business).status is _S.APPROVED
    done = desk.submit(asked, ".confirm-page")
    assert "is on hold" in read_text(done)
    assert fresh(business).review_note == "An invoice is open."
    desk.submit(desk.get(address), ".desk-head__actions form")
    assert fresh(business).status is _S.APPROVED


def test_the_group_can_be_changed_and_the_history_keeps_both(desk):
    business, other = make_business(), make_group("Trade")
    page = desk.get(f"/admin/businesses/details/?id={business.id}")
    desk.submit(desk.submit(page, "#group-form", group=str(other.id)), ".confirm-page")
    assert fresh(business).group_id == other.id
    entry = list_history("business", business.id)[-1]
    assert entry.details["changes"]["group"][1] == "Trade"


def test_a_later_certificate_is_verified_or_rejected_on_the_page_of_its_business(desk):
    business = make_business()
    good = make_certificate(business, state="WA", status=CertificateStatus.SUBMITTED)
    bad = make_certificate(business, state="NY", status=CertificateStatus.SUBMITTED)
    address = f"/admin/businesses/details/?id={business.id}"
    desk.submit(desk.get(address), "#paper-answers form[action$=verify]")
    page = desk.get(address)
    desk.submit(
        desk.submit(page, "#paper-answers form[action$=reject]", reason="Another name."), ".confirm-page"
    )
    db.session.expire_all()
    assert db.session.get_one(ResaleCertificate, good.id).status is CertificateStatus.VERIFIED
    refused = db.session.get_one(ResaleCertificate, bad.id)
    assert (refused.status, refused.rejected_reason) == (CertificateStatus.REJECTED, "Another name.")


def test_an_expired_certificate_is_not_verified(desk):
    business = make_business()
    today = clock.now().date()
    make_certificate(
        business,
        status=CertificateStatus.SUBMITTED,
        issued_on=today - timedelta(days=400),
        expires_on=today - timedelta(days=3),
    )
    page = desk.get(f"/admin/businesses/details/?id={business.id}")
    assert "has expired" in read_text(desk.submit(page, "#paper-answers form[action$=verify]"))


def test_businesses_are_found_by_name_and_by_status(desk):
    make_business(trade_name="Fern & Finch")
    make_business(_S.SUSPENDED, trade_name="Old Mill")
    found = read_text(desk.get("/admin/businesses/?search=finch"))
    assert "Fern & Finch" in found
    assert "Old Mill" not in found
    held = read_text(desk.get("/admin/businesses/?show=suspended"))
    assert "Old Mill" in held
    assert "Fern & Finch" not in held


ACTIONS = {
    "/admin/approvals/{id}/approve": Permission.BUSINESSES_REVIEW,
    "/admin/approvals/{id}/reject": Permission.BUSINESSES_REVIEW,
    "/admin/approvals/{id}/ask": Permission.BUSINESSES_REVIEW,
    "/admin/approvals/{id}/ein": Permission.BUSINESSES_REVIEW,
    "/admin/businesses/ein": Permission.BUSINESSES_REVIEW,
    "/admin/businesses/group": Permission.BUSINESSES_REVIEW,
    "/admin/businesses/limit": Permission.PRICING_EDIT,
    "/admin/businesses/certificate/verify": Permission.BUSINESSES_REVIEW,
    "/admin/businesses/certificate/reject": Permission.BUSINESSES_REVIEW,
    "/admin/businesses/suspend": Permission.BUSINESSES_SUSPEND,
    "/admin/businesses/reactivate": Permission.BUSINESSES_SUSPEND,
}


@pytest.mark.parametrize("role", list(Role))
def test_every_button_is_checked_on_the_server_for_every_role(client, waiting, role):
    sign_in(client, make_staff(role) if Permission.STAFF_HOME in ROLE_PERMISSIONS[role] else make_user(role))
    held = ROLE_PERMISSIONS[role]
    for address, needed in ACTIONS.items():
        status = client.post(address.format(id=waiting.id), data={"id": str(waiting.id)}).status_code
        may = {Permission.STAFF_HOME, Permission.BUSINESSES_VIEW, needed} <= held
        assert (status == 403) is not may, f"{role.value} {address}: {status}"
    pages = (
        "/admin/approvals/",
        f"/admin/approvals/{waiting.id}",
        "/admin/businesses/",
        f"/admin/businesses/details/?id={waiting.id}",
    )
    for address in pages:
        is_shut = client.get(address).status_code == 403
        assert is_shut is (Permission.BUSINESSES_VIEW not in held), address


def test_every_button_of_both_views_is_in_the_table(app):
    found = {
        rule.rule.replace("<int:business_id>", "{id}")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in {"approvals", "businesses_desk"} and "GET" not in rule.methods
    }
    stock = {f"/admin/businesses/{name}/" for name in ("action", "delete")} | {
        "/admin/businesses/ajax/update/"
    }
    assert found - stock == set(ACTIONS)


def test_the_queue_takes_the_same_number_of_queries_however_long_it_is(desk, count_queries):
    def queries() -> int:
        with count_queries() as counted:
            desk.get("/admin/approvals/")
        return counted.count

    make_user(business=make_business(_S.SUBMITTED))
    few = queries()
    for _ in range(5):
        business = make_business(_S.SUBMITTED, ein="123456789")
        make_address(business)
        make_user(business=business)
    with_hints = queries()
    for _ in range(5):
        make_address(make_business(_S.SUBMITTED, ein="123456789"))
    assert queries() == with_hints
    assert with_hints <= few + 2

"""The address book. `routes.py` gives these views their addresses."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_login import current_user

from app.businesses.add_address import add_address
from app.businesses.archive_address import archive_address
from app.businesses.change_address import change_address
from app.businesses.forms import BookAddressForm
from app.businesses.guards import of_business
from app.businesses.make_default_address import make_default_billing, make_default_shipping
from app.businesses.queries import get_address_for_business, get_own_business, list_addresses
from app.businesses.status import BusinessStatus
from app.businesses.viewer import get_viewer
from app.rate_limits import limit_by_address
from app.shared import clock
from app.shared.errors import AppError
from app.web import go_to, page, refuse


@limit_by_address("120 per hour")
@of_business
def addresses() -> Response:
    """The book, and a form for one more."""
    business = get_own_business(get_viewer().business_id)
    if business.status is BusinessStatus.DRAFT:
        return go_to(
            url_for("businesses.application"),
            message="Send your application first; its address opens the book.",
        )
    form = BookAddressForm.of(None)
    if form.validate_on_submit():
        try:
            add_address(business.id, form.to_address(), now=clock.now())
        except AppError as error:
            refuse(form, error)
        else:
            return go_to(url_for("businesses.addresses"), message="The address is in your book.")
    may_change_main = business.status in {BusinessStatus.APPROVED, BusinessStatus.SUSPENDED}
    return page(
        "businesses/addresses.html",
        status=422 if form.errors else 200,
        form=form,
        addresses=list_addresses(business.id),
        may_change_main=may_change_main,
    )


@of_business
def edit_address(address_id: int) -> Response:
    business_id = get_viewer().business_id or 0
    address = get_address_for_business(address_id, business_id)
    form = BookAddressForm.of(address)
    if form.validate_on_submit():
        try:
            change_address(
                address_id,
                form.to_address(),
                business_id=business_id,
                actor=current_user.as_actor,
                now=clock.now(),
            )
        except AppError as error:
            refuse(form, error)
        else:
            return go_to(
                url_for("businesses.addresses"),
                message="The address is changed. Orders placed before keep the old one.",
            )
    return page("businesses/address.html", status=422 if form.errors else 200, form=form, address=address)


@of_business
def remove_address(address_id: int) -> Response:
    archive_address(address_id, business_id=get_viewer().business_id or 0, now=clock.now())
    return go_to(url_for("businesses.addresses"), message="The address is out of your book.")


@of_business
def default_address(address_id: int) -> Response:
    is_billing = request.form.get("for") == "billing"
    step = make_default_billing if is_billing else make_default_shipping
    step(address_id, business_id=get_viewer().business_id or 0)
    words = (
        "Bills are made out to this address now."
        if is_billing
        else "Goods go to this address now, unless you choose another."
    )
    return go_to(url_for("businesses.addresses"), message=words)

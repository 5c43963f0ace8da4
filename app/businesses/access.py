"""What a person may see and do as a buyer: the one answer every door asks for."""

from __future__ import annotations

from dataclasses import dataclass

from app.businesses.status import BusinessStatus


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks at a page. Prices, stock and order controls exist only where `sees_prices` is true."""

    user_id: int | None = None
    name: str = ""
    is_verified: bool = False
    is_staff: bool = False
    business_id: int | None = None
    business_name: str | None = None
    business_status: BusinessStatus | None = None
    group_id: int | None = None
    price_list_id: int | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def sees_prices(self) -> bool:
        return self.is_verified and self.business_status is BusinessStatus.APPROVED

    @property
    def needs(self) -> str | None:
        """What stands between this person and prices; None when nothing does, "sign_in" for a guest."""
        if not self.is_signed_in:
            return "sign_in"
        if not self.is_verified:
            return "verify"
        steps = {
            None: "business",
            BusinessStatus.DRAFT: "business",
            BusinessStatus.NEEDS_INFORMATION: "information",
            BusinessStatus.SUBMITTED: "review",
            BusinessStatus.REJECTED: "rejected",
            BusinessStatus.SUSPENDED: "suspended",
        }
        return steps.get(self.business_status)


GUEST = Viewer()

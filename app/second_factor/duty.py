"""Whether somebody has to set up a second factor before they may do anything for the shop."""

from __future__ import annotations

from app.accounts.models import User
from app.shop.queries import find_shop


def owes_second_factor(user: User) -> bool:
    """Staff without one, where the owner said that staff must have one. Buyers never cost a question to the database."""
    if not user.is_staff or user.second_factor_since is not None:
        return False
    shop = find_shop()
    return shop is not None and shop.staff_need_second_factor

"""Where an application stands, and what may follow."""

from __future__ import annotations

from collections.abc import Mapping

from app.shared.status import LabelEnum


class BusinessStatus(LabelEnum):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for review"
    NEEDS_INFORMATION = "needs_information", "Needs information"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUSPENDED = "suspended", "Suspended"


_S = BusinessStatus

BUSINESS_MOVES: Mapping[BusinessStatus, frozenset[BusinessStatus]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED}),
    _S.SUBMITTED: frozenset({_S.APPROVED, _S.REJECTED, _S.NEEDS_INFORMATION}),
    _S.NEEDS_INFORMATION: frozenset({_S.SUBMITTED}),
    _S.REJECTED: frozenset({_S.SUBMITTED}),
    _S.APPROVED: frozenset({_S.SUSPENDED}),
    _S.SUSPENDED: frozenset({_S.APPROVED}),
}


class BusinessKind(LabelEnum):
    RETAIL_STORE = "retail_store", "Retail store"
    ONLINE_STORE = "online_store", "Online store"
    RESTAURANT = "restaurant", "Restaurant or café"
    HOTEL = "hotel", "Hotel, inn or spa"
    DISTRIBUTOR = "distributor", "Distributor"
    NONPROFIT = "nonprofit", "Non-profit or school"
    OTHER = "other", "Something else"


class CertificateStatus(LabelEnum):
    SUBMITTED = "submitted", "Waiting for review"
    VERIFIED = "verified", "Verified"
    REJECTED = "rejected", "Rejected"

"""Which other businesses look like this one; a fixed number of queries however many are asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import or_

from app.accounts.models import User
from app.businesses.duplicate_rules import street_key, telling_domain
from app.businesses.models import Address, Business
from app.businesses.status import BusinessStatus
from app.extensions import db
from app.shared.secret_box import secret_box


@dataclass(frozen=True)
class DuplicateHint:
    """Another business, and what the two have in common."""

    business_id: int
    name: str
    status: BusinessStatus
    reason: str


def find_duplicates(business_ids: Collection[int]) -> dict[int, list[DuplicateHint]]:
    """{business id: its hints}, the surest first: the same EIN, then the same street and ZIP, then the same mail domain."""
    wanted = set(business_ids)
    if not wanted:
        return {}
    pairs: dict[tuple[int, int], list[str]] = defaultdict(list)
    for reason, keys in (
        ("EIN", _ein_keys(wanted)),
        ("address", _street_keys(wanted)),
        ("mail domain", _domain_keys(wanted)),
    ):
        for one, other in _pairs_of(keys, wanted):
            if reason not in pairs[one, other]:
                pairs[one, other].append(reason)
    named = _name({other for _one, other in pairs})
    found: dict[int, list[DuplicateHint]] = {each: [] for each in wanted}
    for (one, other), reasons in pairs.items():
        business = named[other]
        words = f"Same {' and '.join([', '.join(reasons[:-1]), reasons[-1]] if reasons[1:] else reasons)}"
        found[one].append(DuplicateHint(other, business.display_name, business.status, words))
    return found


_Keys = list[tuple[int, str]]


def _ein_keys(wanted: set[int]) -> _Keys:
    if secret_box.is_rotating:
        return _ein_keys_under_two(wanted)
    held = db.select(Business.ein_fingerprint).where(
        Business.id.in_(wanted), Business.ein_fingerprint.is_not(None)
    )
    query = db.select(Business.id, Business.ein_fingerprint).where(Business.ein_fingerprint.in_(held))
    return [(business_id, key) for business_id, key in db.session.execute(query)]


def _ein_keys_under_two(wanted: set[int]) -> _Keys:
    """While DATA_KEY is rotated one number may be stored under either key, so those asked about are opened."""
    own = db.select(Business.ein_encrypted).where(Business.id.in_(wanted), Business.ein_encrypted != "")
    known: dict[str, str] = {}
    for encrypted in db.session.scalars(own):
        fingerprints = secret_box.fingerprints(secret_box.decrypt(encrypted))
        known |= dict.fromkeys(fingerprints, fingerprints[0])
    query = db.select(Business.id, Business.ein_fingerprint).where(Business.ein_fingerprint.in_(known))
    return [(business_id, known[key]) for business_id, key in db.session.execute(query)]


def _street_keys(wanted: set[int]) -> _Keys:
    """Every address in the ZIP codes of those asked about; ZIP+4 begins with the same five digits."""
    own = db.session.execute(
        db.select(Address.postal_code).where(Address.business_id.in_(wanted), Address.is_main)
    )
    prefixes = sorted({code[:5] for (code,) in own if code})
    if not prefixes:
        return []
    near = or_(*(Address.postal_code.startswith(prefix, autoescape=True) for prefix in prefixes))
    query = db.select(Address.business_id, Address.line1, Address.postal_code).where(
        near, Address.archived_at.is_(None)
    )
    return [(business_id, street_key(line1, code)) for business_id, line1, code in db.session.execute(query)]


def _domain_keys(wanted: set[int]) -> _Keys:
    own = db.session.execute(db.select(User.email).where(User.business_id.in_(wanted)))
    domains = sorted({telling_domain(email) for (email,) in own} - {""})
    if not domains:
        return []
    same = or_(*(User.email.endswith(f"@{domain}", autoescape=True) for domain in domains))
    query = db.select(User.business_id, User.email).where(same, User.business_id.is_not(None))
    return [(business_id, telling_domain(email)) for business_id, email in db.session.execute(query)]


def _pairs_of(keys: _Keys, wanted: set[int]) -> Iterable[tuple[int, int]]:
    """(one asked about, another with the same key)"""
    groups: dict[str, set[int]] = defaultdict(set)
    for business_id, key in keys:
        if key:
            groups[key].add(business_id)
    for members in groups.values():
        for one in sorted(members & wanted):
            yield from ((one, other) for other in sorted(members - {one}))


def _name(business_ids: set[int]) -> dict[int, Business]:
    if not business_ids:
        return {}
    return {
        each.id: each for each in db.session.scalars(db.select(Business).where(Business.id.in_(business_ids)))
    }

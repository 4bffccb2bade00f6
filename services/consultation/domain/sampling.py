"""Who is asked: a random sample that anybody can draw again.

1. Everybody on the community's roll who does not work for one of the doers may be drawn.
2. Each gets the lot SHA-256(seed ‖ resident_id): the seed's bytes, then the 16 bytes of the UUID.
3. Those with the smallest lots are asked, as many as the sample has places.

The seed is recorded with the poll. With the list of residents at the opening, the same people come out; without
the seed nobody can know beforehand who it will be. The order in which the list is given does not matter.
"""

import hashlib
from collections.abc import Collection
from uuid import UUID

LEAST = 30
# Half of those asked answer in a good poll, so twice as many are asked as have to answer.
ASKED_FOR_EACH_NEEDED = 2


def least_sample(beneficiaries: int) -> int:
    """max(30, 5 % of the beneficiaries rounded up): with fewer answers the sample is too small (domain rules 2.3)."""
    return max(LEAST, -(-beneficiaries * 5 // 100))


def sample_size(*, eligible: int, least: int) -> int:
    return min(eligible, ASKED_FOR_EACH_NEEDED * least)


def lot(resident_id: UUID, *, seed: str) -> bytes:
    return hashlib.sha256(bytes.fromhex(seed) + resident_id.bytes).digest()


def draw(resident_ids: Collection[UUID], *, seed: str, size: int) -> list[UUID]:
    """The drawn, in the order of their lots."""
    return sorted(resident_ids, key=lambda resident_id: lot(resident_id, seed=seed))[:size]

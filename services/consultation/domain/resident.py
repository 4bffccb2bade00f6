"""A resident on the roll."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.consultation.domain.community import Community
from services.consultation.domain.identity_number import age_on, normalised
from services.contracts.base import invalid_field
from services.contracts.consultation.errors import GridNotInCommunity, TooYoungForRoll

LEAST_AGE = 18
LONGEST_NAME = 50


@dataclass(eq=False, kw_only=True)
class Resident:
    """`employer_uscc`: where the resident works, so that doers are not asked about their own work.

    Name and identity number are stored sealed, and shown masked.
    """

    resident_id: UUID
    community_id: UUID
    resident_name: str
    identity_number: str
    grid_code: str
    employer_uscc: str
    sort_key: str = ""


def name_for_roll(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise invalid_field("value", f"姓名应为 1 至 {LONGEST_NAME} 个字。")
    return name


def number_for_roll(number: str, *, today: date) -> str:
    """The normalised identity number of somebody who may stand on the roll.

    The roll is for those who may take part in self-government: 18 years and older.
    """
    number = normalised(number, today=today)
    if age_on(number, today) < LEAST_AGE:
        raise TooYoungForRoll(f"名册只登记年满 {LEAST_AGE} 周岁的居民。")
    return number


def grid_for_roll(grid_code: str, *, community: Community) -> str:
    """The first twelve digits of a grid are the community's own code (domain rules 4.3)."""
    if grid_code and not grid_code.startswith(community.code):
        raise GridNotInCommunity(f"网格编码的前 12 位应是{community.community_name}的代码 {community.code}。")
    return grid_code

"""The five parties of an item (五社联动): who does what, for how long and with what money."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.claims.domain.item import Item
from services.claims.domain.social_organisation import SocialOrganisation
from services.claims.domain.volunteer import Volunteer
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.errors import LinkageClosed
from services.contracts.claims.events import PartyLinked
from services.contracts.claims.terms import ItemStatus
from services.contracts.claims.volunteer_terms import PartyKind

# Once an item is scored, what its score was given for stands still.
LINKABLE = frozenset(
    {
        ItemStatus.DRAFT,
        ItemStatus.PUBLISHED,
        ItemStatus.EXPIRED,
        ItemStatus.PURCHASED,
        ItemStatus.FUNDED,
        ItemStatus.CLAIMED,
        ItemStatus.IN_PROGRESS,
        ItemStatus.SUBMITTED,
        ItemStatus.VERIFIED,
    }
)


@dataclass(eq=False, kw_only=True)
class LinkedParty:
    """`party` is what the party is called; one volunteer is called by nothing here but the id."""

    link_id: UUID
    item_id: UUID
    kind: PartyKind
    party: str = ""
    unit_id: UUID | None = None
    volunteer_id: UUID | None = None
    duty: str
    minutes: int = 0
    money_fen: int = 0
    linked_at: datetime
    unlinked_at: datetime | None = None
    unlink_reason: str = ""


def require_linkable(item: Item, act: str, *, actor: Actor) -> None:
    actor.require_staff_of(item.community_id)
    if item.status not in LINKABLE:
        raise LinkageClosed(f"事项 {item.code} 现为「{item.status.label}」，不能{act}联动主体。")


def may_link(item: Item, *, actor: Actor) -> bool:
    return item.status in LINKABLE and actor.is_staff and actor.reaches(item.community_id)


def link_party(
    item: Item,
    *,
    link_id: UUID,
    kind: PartyKind,
    party: str,
    organisation: SocialOrganisation | None,
    volunteer: Volunteer | None,
    duty: str,
    minutes: int,
    money_fen: int,
    community_name: str,
    actor: Actor,
    now: datetime,
) -> tuple[LinkedParty, PartyLinked]:
    """Each kind is named in its own way; a resource has no hours, and volunteers take no money."""
    require_linkable(item, "登记", actor=actor)
    if organisation is not None and kind is not PartyKind.SOCIAL_ORGANISATION:
        raise invalid_field("unit_id", "只有社区社会组织填写单位。")
    if volunteer is not None and kind is not PartyKind.VOLUNTEER:
        raise invalid_field("volunteer_id", "只有社区志愿者填写志愿者。")
    match kind:
        case PartyKind.COMMUNITY:
            party = community_name
        case PartyKind.SOCIAL_ORGANISATION:
            if organisation is None:
                raise invalid_field("unit_id", "请选择已登记的社会组织。")
            organisation.require_active()
            party = organisation.unit_name
        case PartyKind.VOLUNTEER if volunteer is not None:
            volunteer.require_active()
            party = ""
        case _ if not party:
            raise invalid_field("party", "请填写团队、机构或资源的名称。")
    if kind is PartyKind.CHARITY_RESOURCE and minutes:
        raise invalid_field("minutes", "慈善资源只登记款物，不登记时长。")
    if kind is PartyKind.VOLUNTEER and money_fen:
        raise invalid_field("money_fen", "志愿服务是无偿的，不登记金额。")
    linked = LinkedParty(
        link_id=link_id,
        item_id=item.item_id,
        kind=kind,
        party=party,
        unit_id=organisation.unit_id if organisation else None,
        volunteer_id=volunteer.volunteer_id if volunteer else None,
        duty=duty,
        minutes=minutes,
        money_fen=money_fen,
        linked_at=now,
    )
    return linked, PartyLinked(
        item_id=item.item_id,
        community_id=item.community_id,
        code=item.code,
        title=item.title,
        link_id=link_id,
        kind=kind,
        unit_id=linked.unit_id,
        minutes=minutes,
        money_fen=money_fen,
        occurred_at=now,
    )

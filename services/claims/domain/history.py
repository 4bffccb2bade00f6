"""History: every act on a record leaves one line that is never changed."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.contracts.base import CITY_ROLES, STAFF_ROLES, SYSTEM, Actor, Role

Changes = dict[str, list[str]]


@dataclass(eq=False, kw_only=True)
class HistoryLine:
    """`changes`: label -> [before, after]. `actor_office` is what the public reads instead of a name."""

    history_id: UUID
    subject_id: UUID
    at: datetime
    actor_id: str
    actor_name: str
    actor_office: str
    act: str
    summary: str
    changes: Changes = field(default_factory=dict)

    def shown_name(self, reader: Actor) -> str:
        """Persons are named to those who signed in; the public reads which office acted."""
        return self.actor_office if reader.is_anonymous else self.actor_name or self.actor_office


def office_of(actor: Actor) -> str:
    """The kind of office an actor acts for, in words fit for the public."""
    if actor.actor_id == SYSTEM.actor_id:
        return "系统"
    if actor.is_anonymous:
        return "居民"
    if actor.has_role(*CITY_ROLES):
        return "市级工作人员"
    if actor.has_role(*STAFF_ROLES):
        return "社区工作人员"
    if actor.has_role(Role.UNIT_LIAISON):
        return "驻地单位"
    return "其他人员"


def changes_between(before: dict[str, str], after: dict[str, str]) -> Changes:
    """What differs between two descriptions of one record."""
    labels = [*before, *(label for label in after if label not in before)]
    return {
        label: [before.get(label, ""), after.get(label, "")]
        for label in labels
        if before.get(label, "") != after.get(label, "")
    }

"""Shifts as readers see them: the values that the views write out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.community import Community
from services.claims.domain.enrolment import Enrolment
from services.claims.domain.shift import Shift
from services.claims.domain.volunteer import Volunteer
from services.claims.usecases.showing import line_shown
from services.contracts.base import Actor, Role
from services.contracts.claims.volunteer_terms import EnrolmentStatus

_OF_THE_SHIFT = (
    "shift_id",
    "community_id",
    "item_id",
    "title",
    "place",
    "starts_at",
    "ends_at",
    "slots",
    "remaining",
    "waiting",
    "skills",
    "is_risky",
    "status",
    "version",
)
_OF_THE_ENROLMENT = ("volunteer_id", "status", "enrolled_at", "signed_in_at", "signed_out_at")


def shift_row(shift: Shift, community: Community | None) -> dict[str, Any]:
    return {
        **{name: getattr(shift, name) for name in _OF_THE_SHIFT},
        "community_name": community.community_name if community else "",
    }


def show_shift(tx: Transaction, shift: Shift, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The shift whole; who takes part is for those who look after the community's volunteers."""
    tx.session.flush()
    item = storage.find_item(tx.session, shift.item_id) if shift.item_id else None
    sees_people = actor.is_staff or actor.has_role(Role.SUPERVISOR)
    enrolments = shift.enrolments if sees_people else []
    people = storage.volunteers_by_id(tx.session, [one.volunteer_id for one in enrolments])
    waiting = [one for one in enrolments if one.status is EnrolmentStatus.WAITING]
    others = [one for one in enrolments if one.status is not EnrolmentStatus.WAITING]
    history = storage.history_of(tx.session, shift.shift_id) if sees_people else []
    return {
        **shift_row(shift, storage.find_community(tx.session, shift.community_id)),
        "item_code": item.code if item else "",
        "item_title": item.title if item else "",
        "cancel_reason": shift.cancel_reason,
        "minutes": shift.minutes,
        "enrolments": [_shown(one, shift, people, actor=actor, now=now) for one in others],
        "waiting_list": [_shown(one, shift, people, actor=actor, now=now) for one in waiting],
        "history": [line_shown(line, actor) for line in history],
        "possible_acts": shift.possible_acts(actor=actor, now=now),
    }


def _shown(
    enrolment: Enrolment, shift: Shift, people: dict[UUID, Volunteer], *, actor: Actor, now: datetime
) -> dict[str, Any]:
    volunteer = people[enrolment.volunteer_id]
    return {
        **{name: getattr(enrolment, name) for name in _OF_THE_ENROLMENT},
        "code": volunteer.code,
        "volunteer_name": volunteer.volunteer_name,
        "minutes": enrolment.minutes_known,
        "possible_acts": shift.possible_acts_on(enrolment, actor=actor, now=now),
    }

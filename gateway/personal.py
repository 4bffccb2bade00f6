"""Personal data at the gateway: seeing a value whole, and answering what persons ask about their data.

Which services hold personal data follows from the marking of their commands; each of them answers
`gather_personal`, `correct_personal` and `erase_personal`. Whatever shows, changes or removes a person's
data is noted in the audit first, so that nothing unnoted can happen.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

import marshmallow as ma

from gateway import audit
from gateway.auth.session import current_actor
from gateway.calls import Area, claims, consultation, notifications, staffing
from gateway.storage import personal_requests as storage
from gateway.storage.personal_requests import Person, PersonalRequest, RequestKind, RequestStatus
from services.chassis.calendar import statutory_calendar
from services.chassis.clock import local_date
from services.chassis.db import Database
from services.chassis.ids import new_id
from services.contracts.base import Conflict, invalid_field
from services.contracts.personal import LEAST_REASON, marked_fields

# PIPL, article 50: in time; the platform promises its persons this.
WORKING_DAYS = 15
# Without characters that people confuse when they read them out.
_REFERENCE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class RequestDecided(Conflict): ...


def takes_personal_data(service: str) -> bool:
    commands = import_module(f"services.contracts.{service}.commands")
    return any(
        isinstance(shape, type) and issubclass(shape, ma.Schema) and any(marked_fields(shape))
        for shape in vars(commands).values()
    )


_AREAS = {
    "claims": claims,
    "consultation": consultation,
    "staffing": staffing,
    "notifications": notifications,
}
HOLDERS: dict[str, Area] = {name: area for name, area in _AREAS.items() if takes_personal_data(name)}


def unmask(area: Area, *, record_id: UUID, field: str, reason: str, community_id: UUID | None = None) -> str:
    """One field of one record, whole; each look has its reason and its row in the audit."""
    reason = _checked_reason(reason)
    audit.note("unmask", record_id=record_id, community_id=community_id, reason=f"{field}：{reason}")
    value: str = area.unmask(record_id=record_id, field=field, reason=reason)["value"]
    return value


def submit_request(database: Database, *, kind: str, person: Person, now: datetime) -> PersonalRequest:
    """Takes what a person asks; the reference is all that is needed to follow it."""
    if kind not in set(RequestKind):
        raise invalid_field("kind", "请选择申请事项。")
    if not person.resident_name or len(person.resident_name) > 50:
        raise invalid_field("resident_name", "请填写姓名，不超过 50 个字。")
    if not person.identity_number and not person.email:
        raise invalid_field("identity_number", "身份证号码和电子邮箱至少填写一项，以便找到您的信息。")
    if len(person.identity_number) > 18 or len(person.email) > 200 or len(person.phone) > 20:
        raise invalid_field("identity_number", "填写的内容太长。")
    if len(person.wish) > 1000:
        raise invalid_field("wish", "补充说明不超过 1000 个字。")
    today = local_date(now)
    added = PersonalRequest(
        request_id=new_id(),
        reference="".join(secrets.choice(_REFERENCE) for _ in range(12)),
        kind=RequestKind[kind.upper()],
        person=person,
        submitted_at=now,
        due_on=due_on(today),
        status=RequestStatus.OPEN,
        answer="",
        decided_by=None,
        decided_at=None,
    )
    with database.transaction(now=now) as tx:
        storage.add_request(tx.session, added)
    return added


def due_on(today: date) -> date:
    """The fifteenth working day after this one, by the State Council's calendar."""
    return statutory_calendar(today.year).end_of_period(today, working_days=WORKING_DAYS)


def gather(
    request: PersonalRequest, *, reason: str, kept: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Everything that every service holds of the person, each record with the service that holds it.

    What is to be corrected may be the very thing by which the person is looked for: a correction looks for
    what is `kept`, and without that not by the name.
    """
    keys = _open_person(request).keys
    if request.kind is RequestKind.CORRECTION:
        keys = {**keys, "resident_name": "", **(kept or {})}
    audit.note("gather_personal", record_id=request.request_id, reason=_checked_reason(reason))
    return [
        {**record, "service": name}
        for name, area in HOLDERS.items()
        for record in area.gather_personal(**keys)["records"]
    ]


def correct(request: PersonalRequest, *, service: str, record_id: UUID, field: str, value: str) -> None:
    """One field of one record (PIPL, article 46); the request stays open, for there may be more to correct."""
    if request.kind is not RequestKind.CORRECTION:
        raise RequestDecided("只有更正申请可以执行更正。")
    _open_person(request)
    if service not in HOLDERS:
        raise invalid_field("service", "没有这个服务。")
    audit.note(
        "correct_personal",
        record_id=request.request_id,
        reason=f"申请 {request.reference}：{service} {record_id} {field}",
    )
    HOLDERS[service].correct_personal(record_id=record_id, field=field, value=value)


def erase(database: Database, request: PersonalRequest, *, now: datetime) -> PersonalRequest:
    """Asks every holder; the answer to the person says what went and what has to stay, and why.

    A holder that is away stops it halfway; asking again goes on, because erasing twice changes nothing.
    """
    if request.kind is not RequestKind.ERASURE:
        raise RequestDecided("只有删除申请可以执行删除。")
    person = _open_person(request)
    audit.note("erase_personal", record_id=request.request_id, reason=f"申请 {request.reference}")
    answers = [area.erase_personal(**person.keys) for area in HOLDERS.values()]
    removed = [line for answer in answers for line in answer["removed"]]
    kept = [line for answer in answers for line in answer["kept"]]
    lines = [
        *(["已删除：", *removed] if removed else []),
        *(["依法保留：", *kept] if kept else []),
    ] or ["平台没有查到与您提供的信息相符的个人信息。"]
    return decide(database, request.request_id, status=RequestStatus.DONE, answer="\n".join(lines), now=now)


def decide(
    database: Database, request_id: UUID, *, status: RequestStatus, answer: str, now: datetime
) -> PersonalRequest:
    """The one answer; the person reads it under the reference."""
    if not LEAST_REASON <= len(answer.strip()) <= 4000:
        raise invalid_field("answer", f"请写明答复或理由，{LEAST_REASON} 至 4000 个字。")
    with database.transaction(now=now) as tx:
        found = storage.get_request(tx.session, request_id, is_locked=True)
        if not found.is_open:
            raise RequestDecided(f"申请已经{found.status.label}，不能再次答复。")
        audit.note(
            "decide_personal_request", record_id=request_id, reason=f"{found.kind.label}：{status.label}"
        )
        storage.decide_request(
            tx.session,
            request_id,
            status=status,
            answer=answer.strip(),
            decided_by=current_actor().actor_id,
            now=now,
        )
        return storage.get_request(tx.session, request_id)


def exported(request: PersonalRequest, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The copy that a person may take elsewhere (PIPL, article 45)."""
    return {
        "reference": request.reference,
        "submitted_at": request.submitted_at.isoformat(),
        "records": records,
    }


def _open_person(request: PersonalRequest) -> Person:
    if not request.is_open or request.person is None:
        raise RequestDecided("申请已经答复，不能再查看、更正或删除个人信息。")
    return request.person


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if not LEAST_REASON <= len(reason) <= 200:
        raise invalid_field("reason", f"请写明理由，{LEAST_REASON} 至 200 个字。")
    return reason

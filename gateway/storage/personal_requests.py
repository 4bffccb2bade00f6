"""What persons ask about their data, as rows; who asked is sealed."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.storage.tables import personal_requests, persons
from services.chassis.sealing import keyring_of
from services.contracts.base import NotFound, Term

# Records about the handling of personal data are kept for three years (PIPL, article 56), the person's own not longer.
PERSON_KEPT = timedelta(days=3 * 365)


class RequestNotFound(NotFound): ...


class RequestKind(Term):
    ACCESS = "access", "查阅"
    EXPORT = "export", "复制（导出）"
    CORRECTION = "correction", "更正"
    ERASURE = "erasure", "删除"


class RequestStatus(Term):
    OPEN = "open", "办理中"
    DONE = "done", "已办结"
    REFUSED = "refused", "不予办理"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who asks, as they wrote it; `wish` is what is to be corrected, or whatever else they say."""

    resident_name: str
    identity_number: str
    email: str
    phone: str
    wish: str

    @property
    def keys(self) -> dict[str, str]:
        """By what the services know the person."""
        return {
            "resident_name": self.resident_name,
            "identity_number": self.identity_number,
            "email": self.email,
        }


@dataclass(frozen=True, kw_only=True)
class PersonalRequest:
    """`person` is None once it has been forgotten."""

    request_id: UUID
    reference: str
    kind: RequestKind
    person: Person | None
    submitted_at: datetime
    due_on: date
    status: RequestStatus
    answer: str
    decided_by: str | None
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.status is RequestStatus.OPEN


def add_request(session: Session, added: PersonalRequest) -> None:
    assert added.person is not None
    sealed = persons.seal(keyring_of(session), added.request_id, json.dumps(asdict(added.person)))
    session.execute(
        sa.insert(personal_requests).values(
            request_id=added.request_id,
            reference=added.reference,
            kind=added.kind,
            person_sealed=sealed,
            submitted_at=added.submitted_at,
            due_on=added.due_on,
            status=added.status,
            answer=added.answer,
        )
    )


def get_request(session: Session, request_id: UUID, *, is_locked: bool = False) -> PersonalRequest:
    wanted = sa.select(personal_requests).where(personal_requests.c.request_id == request_id)
    return _one(session, wanted.with_for_update() if is_locked else wanted)


def request_of_reference(session: Session, reference: str) -> PersonalRequest:
    return _one(session, sa.select(personal_requests).where(personal_requests.c.reference == reference))


def list_requests(
    session: Session, *, is_open: bool, after: tuple[date, UUID] | None, limit: int
) -> list[PersonalRequest]:
    """What is due first comes first."""
    table = personal_requests.c
    place = sa.tuple_(table.due_on, table.request_id)
    wanted = (
        sa.select(personal_requests)
        .where((table.status == RequestStatus.OPEN) == is_open)
        .order_by(table.due_on, table.request_id)
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(place > after)
    return [_request(session, row) for row in session.execute(wanted)]


def decide_request(
    session: Session, request_id: UUID, *, status: RequestStatus, answer: str, decided_by: str, now: datetime
) -> None:
    session.execute(
        sa.update(personal_requests)
        .where(personal_requests.c.request_id == request_id)
        .values(status=status, answer=answer, decided_by=decided_by, decided_at=now)
    )


def forget_persons(session: Session, *, now: datetime) -> int:
    """Who asked is not kept longer than the law wants the record; how many were forgotten."""
    forgotten = session.execute(
        sa.update(personal_requests)
        .where(
            personal_requests.c.decided_at < now - PERSON_KEPT,
            personal_requests.c.person_sealed.is_not(None),
        )
        .values(person_sealed=None)
    )
    return int(forgotten.rowcount)  # type: ignore[attr-defined]


def _one(session: Session, wanted: Any) -> PersonalRequest:
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise RequestNotFound("没有这个申请，请核对查询号。")
    return _request(session, row)


def _request(session: Session, row: Any) -> PersonalRequest:
    person = None
    if row.person_sealed is not None:
        opened = persons.unseal(keyring_of(session), row.request_id, bytes(row.person_sealed))
        person = Person(**json.loads(opened))
    return PersonalRequest(
        request_id=row.request_id,
        reference=row.reference,
        kind=RequestKind[row.kind.upper()],
        person=person,
        submitted_at=row.submitted_at,
        due_on=row.due_on,
        status=RequestStatus[row.status.upper()],
        answer=row.answer,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )

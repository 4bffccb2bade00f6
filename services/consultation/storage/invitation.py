"""Who was asked and has answered, and — apart from it — what was answered.

`answers` holds the poll and the choice under a random key: no time, no counter, no key of a person, so that no
column joins an answer to an invitation.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import orm

from services.chassis.config import load
from services.consultation.domain import Link, read_code, write_code
from services.consultation.storage.poll import polls
from services.consultation.storage.registry import metadata
from services.consultation.storage.resident import opened_name, residents
from services.contracts.consultation.terms import PollStatus, Satisfaction

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("invitation_id", sa.Uuid, primary_key=True),
    sa.Column("poll_id", sa.ForeignKey(polls.c.poll_id), nullable=False),
    # Empty once the person had it erased: then it only counts.
    sa.Column("resident_id", sa.ForeignKey(residents.c.resident_id, ondelete="SET NULL")),
    sa.Column("is_answered", sa.Boolean, nullable=False),
    # The privacy text agreed to by answering, and the day: a time of day could be matched with an answer.
    sa.Column("consent_version", sa.Text),
    sa.Column("consented_on", sa.Date),
    # Keyed: whoever reads the table learns no code.
    sa.Column("code_hash", sa.LargeBinary),
    sa.UniqueConstraint("poll_id", "resident_id", name="invitations_resident"),
    sa.UniqueConstraint("code_hash", name="invitations_code_hash"),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("answer_id", sa.Uuid, primary_key=True),
    sa.Column("poll_id", sa.ForeignKey(polls.c.poll_id), nullable=False),
    sa.Column(
        "satisfaction",
        sa.Enum(Satisfaction, native_enum=False, length=20, values_callable=list),
        nullable=False,
    ),
)
sa.Index("answers_of_poll", answers.c.poll_id)

_REWRITE = sa.text(
    """
    WITH gone AS (
        DELETE FROM answers WHERE poll_id = :poll_id
        RETURNING gen_random_uuid() AS answer_id, poll_id, satisfaction
    ), written AS (
        INSERT INTO answers (answer_id, poll_id, satisfaction)
        SELECT answer_id, poll_id, satisfaction FROM gone ORDER BY answer_id
        RETURNING satisfaction
    )
    SELECT satisfaction, count(*) FROM written GROUP BY satisfaction
    """
).bindparams(sa.bindparam("poll_id", type_=sa.Uuid()))


def add_invitations(session: orm.Session, poll_id: UUID, resident_ids: Collection[UUID]) -> None:
    if not resident_ids:
        return
    # uuid4: an invitation's id is part of a secret link and must not be guessable or tell the time.
    rows: list[dict[str, Any]] = [
        {"invitation_id": uuid4(), "poll_id": poll_id, "resident_id": resident_id, "is_answered": False}
        for resident_id in resident_ids
    ]
    # Two of the 27 thousand million codes meet hardly ever; then the event is handled again, with new ids.
    for row in rows:
        row["code_hash"] = hash_of_code(row["invitation_id"])
    session.execute(sa.insert(invitations), rows)


def list_invitations(session: orm.Session, poll_id: UUID) -> list[tuple[UUID, str]]:
    """Invitation and name of everybody asked, by the sound of the names."""
    found = session.execute(
        sa.select(invitations.c.invitation_id, residents.c.resident_id, residents.c.name_sealed)
        .join(residents, residents.c.resident_id == invitations.c.resident_id)
        .where(invitations.c.poll_id == poll_id)
        .order_by(residents.c.sort_key, residents.c.resident_id)
    )
    return [
        (invitation_id, opened_name(session, resident_id, sealed))
        for invitation_id, resident_id, sealed in found
    ]


def code_of(invitation_id: UUID) -> str:
    return write_code(invitation_id, key=_code_key())


def hash_of_code(invitation_id: UUID) -> bytes:
    return _hashed(read_code(code_of(invitation_id)))


def find_link_of_code(session: orm.Session, code: str) -> Link | None:
    """The link that a code as `read_code` reads it stands for, while its poll takes answers."""
    found = session.execute(
        sa.select(invitations.c.poll_id, invitations.c.invitation_id)
        .join(polls, polls.c.poll_id == invitations.c.poll_id)
        .where(
            invitations.c.code_hash == _hashed(code),
            polls.c.status == PollStatus.OPEN,
            polls.c.closes_at > sa.func.now(),
        )
    ).one_or_none()
    return None if found is None else Link(poll_id=found.poll_id, invitation_id=found.invitation_id)


def count_invitations(session: orm.Session, resident_id: UUID) -> int:
    wanted = sa.select(sa.func.count()).where(invitations.c.resident_id == resident_id)
    return session.execute(wanted).scalar_one()


def is_asked_now(session: orm.Session, resident_id: UUID) -> bool:
    """Whether a poll that is open has the person in its sample; the poll cannot close meanwhile."""
    asked = (
        sa.select(polls.c.poll_id)
        .join(invitations, invitations.c.poll_id == polls.c.poll_id)
        .where(invitations.c.resident_id == resident_id, polls.c.status == PollStatus.OPEN)
        .with_for_update(read=True, of=polls)
    )
    return session.execute(asked).first() is not None


def is_invitation_answered(session: orm.Session, link: Link) -> bool | None:
    """None when there is no such invitation."""
    return session.execute(sa.select(invitations.c.is_answered).where(*_is(link))).scalar_one_or_none()


def mark_answered(session: orm.Session, link: Link, *, consent_version: str, today: date) -> bool:
    """True for exactly one of all transactions that try; the others wait for it and get False."""
    marked = session.execute(
        sa.update(invitations)
        .where(*_is(link), invitations.c.is_answered.is_(False))
        .values(is_answered=True, consent_version=consent_version, consented_on=today)
        .returning(invitations.c.invitation_id)
    )
    return marked.one_or_none() is not None


def add_answer(session: orm.Session, poll_id: UUID, satisfaction: Satisfaction) -> None:
    session.execute(sa.insert(answers).values(answer_id=uuid4(), poll_id=poll_id, satisfaction=satisfaction))


def count_answered(session: orm.Session, poll_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many of those asked have answered; polls without any are left out."""
    found = session.execute(
        sa.select(invitations.c.poll_id, sa.func.count())
        .where(invitations.c.poll_id.in_(poll_ids), invitations.c.is_answered)
        .group_by(invitations.c.poll_id)
    )
    return dict(found.all())


def draw_in_answers(session: orm.Session, poll_id: UUID) -> dict[Satisfaction, int]:
    """Count all answers of a poll that takes no more, and write them anew under new keys in random order.

    While a poll is open, an answer's row carries the number of the transaction that also marked the invitation
    (`xmin`), and lies on the disk in the order of answering. After this, all rows come from one transaction and
    lie in the order of random keys.
    """
    rewritten: dict[str, int] = dict(session.execute(_REWRITE, {"poll_id": poll_id}).all())
    return {grade: rewritten[grade.value] for grade in Satisfaction if grade.value in rewritten}


def _is(link: Link) -> tuple[sa.ColumnElement[bool], ...]:
    return (invitations.c.invitation_id == link.invitation_id, invitations.c.poll_id == link.poll_id)


def _hashed(code: str) -> bytes:
    return hmac.new(_code_key(), b"stored:" + code.encode(), hashlib.sha256).digest()


@cache
def _code_key() -> bytes:
    return load().derived("consultation.poll_code")

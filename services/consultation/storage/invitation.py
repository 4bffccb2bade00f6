"""Who was asked and has answered, and — apart from it — what was answered.

`answers` holds the poll and the choice under a random key: no time, no counter, no key of a person, so that no
column joins an answer to an invitation.
"""

from collections.abc import Collection, Iterable
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import orm

from services.consultation.domain import Link
from services.consultation.storage.poll import polls
from services.consultation.storage.registry import metadata
from services.consultation.storage.resident import residents
from services.contracts.consultation.terms import Satisfaction

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("invitation_id", sa.Uuid, primary_key=True),
    sa.Column("poll_id", sa.ForeignKey(polls.c.poll_id), nullable=False),
    sa.Column("resident_id", sa.ForeignKey(residents.c.resident_id), nullable=False),
    sa.Column("is_answered", sa.Boolean, nullable=False),
    sa.UniqueConstraint("poll_id", "resident_id", name="invitations_resident"),
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
    rows = [
        {"invitation_id": uuid4(), "poll_id": poll_id, "resident_id": resident_id, "is_answered": False}
        for resident_id in resident_ids
    ]
    session.execute(sa.insert(invitations), rows)


def list_invitations(session: orm.Session, poll_id: UUID) -> list[tuple[UUID, str]]:
    """Invitation and name of everybody asked, by the sound of the names."""
    found = session.execute(
        sa.select(invitations.c.invitation_id, residents.c.resident_name)
        .join(residents, residents.c.resident_id == invitations.c.resident_id)
        .where(invitations.c.poll_id == poll_id)
        .order_by(residents.c.sort_key, residents.c.resident_id)
    )
    return [(invitation_id, name) for invitation_id, name in found]


def is_invitation_answered(session: orm.Session, link: Link) -> bool | None:
    """None when there is no such invitation."""
    return session.execute(sa.select(invitations.c.is_answered).where(*_is(link))).scalar_one_or_none()


def mark_answered(session: orm.Session, link: Link) -> bool:
    """True for exactly one of all transactions that try; the others wait for it and get False."""
    marked = session.execute(
        sa.update(invitations)
        .where(*_is(link), invitations.c.is_answered.is_(False))
        .values(is_answered=True)
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

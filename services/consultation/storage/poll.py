"""Polls."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.consultation.domain import Poll
from services.consultation.storage.registry import metadata, registry
from services.contracts.consultation.errors import PollNotFound
from services.contracts.consultation.terms import PollStatus

polls = sa.Table(
    "polls",
    metadata,
    sa.Column("poll_id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, nullable=False),
    sa.Column("community_id", sa.Uuid, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("seed", sa.Text, nullable=False),
    sa.Column("sampled", sa.Integer, nullable=False),
    sa.Column("least_sample", sa.Integer, nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column(
        "status", sa.Enum(PollStatus, native_enum=False, length=20, values_callable=list), nullable=False
    ),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.Column("counts", pg.JSONB(none_as_null=True)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("item_id", name="polls_item_id"),
)
sa.Index("polls_newest", polls.c.opened_at.desc(), polls.c.poll_id.desc())
sa.Index("polls_of_community", polls.c.community_id, polls.c.opened_at.desc(), polls.c.poll_id.desc())
sa.Index("polls_due", polls.c.closes_at, postgresql_where=polls.c.status == sa.literal_column("'open'"))

registry.map_imperatively(Poll, polls)


def add_poll(session: orm.Session, poll: Poll) -> bool:
    """False when the item has its poll already; nothing is added then."""
    try:
        with session.begin_nested():
            session.add(poll)
    except sa.exc.IntegrityError as error:
        if "polls_item_id" in str(error.orig):
            return False
        raise
    return True


def get_poll(session: orm.Session, poll_id: UUID) -> Poll:
    poll = session.get(Poll, poll_id)
    if poll is None:
        raise _not_found()
    return poll


def poll_for_update(session: orm.Session, poll_id: UUID) -> Poll:
    """Waits until no answer to it is under way, and lets none begin."""
    poll = session.get(Poll, poll_id, with_for_update=True)
    if poll is None:
        raise _not_found()
    return poll


def due_poll_for_update(session: orm.Session) -> Poll | None:
    """One poll past its deadline."""
    return session.scalars(
        sa.select(Poll)
        .where(polls.c.status == PollStatus.OPEN, polls.c.closes_at <= sa.func.now())
        .order_by(polls.c.closes_at)
        .limit(1)
        # SKIP LOCKED: every process looks for due polls; each takes one that the others have not.
        .with_for_update(skip_locked=True)
    ).one_or_none()


def is_taking_answers(session: orm.Session, poll_id: UUID) -> bool:
    """Whether the poll is open, by the database's clock; if so it cannot be closed before this transaction ends.

    FOR SHARE: answers do not wait for each other, but whoever closes the poll waits for all of them.
    """
    found = session.execute(
        sa.select(polls.c.poll_id)
        .where(
            polls.c.poll_id == poll_id,
            polls.c.status == PollStatus.OPEN,
            polls.c.closes_at > sa.func.now(),
        )
        .with_for_update(read=True)
    )
    return found.one_or_none() is not None


def list_polls(
    session: orm.Session,
    *,
    item_id: UUID | None,
    community_id: UUID | None,
    status: PollStatus | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Poll]:
    """The newest first."""
    wanted = sa.select(Poll).order_by(polls.c.opened_at.desc(), polls.c.poll_id.desc()).limit(limit)
    if item_id is not None:
        wanted = wanted.where(polls.c.item_id == item_id)
    if community_id is not None:
        wanted = wanted.where(polls.c.community_id == community_id)
    if status is not None:
        wanted = wanted.where(polls.c.status == status)
    if after is not None:
        wanted = wanted.where(sa.tuple_(polls.c.opened_at, polls.c.poll_id) < after)
    return list(session.scalars(wanted))


def _not_found() -> PollNotFound:
    return PollNotFound("没有这次民意测验。")

"""Notices: one by one, and newest first."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from services.contracts.notifications.errors import NoticeNotFound
from services.notifications.domain.notice import Notice
from services.notifications.storage.tables import communities, notices


class NoticeEntry(NamedTuple):
    notice: Notice
    community_name: str


def _entries() -> sa.Select[Notice, str]:
    return sa.select(Notice, sa.func.coalesce(communities.c.community_name, "")).outerjoin_from(
        notices, communities, communities.c.community_id == notices.c.community_id
    )


def find_notice_of(session: orm.Session, source_event_id: UUID) -> Notice | None:
    return session.scalar(sa.select(Notice).where(notices.c.source_event_id == source_event_id))


def get_notice(session: orm.Session, notice_id: UUID) -> Notice:
    notice = session.get(Notice, notice_id)
    if notice is None:
        raise NoticeNotFound("没有这条公告。")
    return notice


def get_notice_entry(session: orm.Session, notice_id: UUID) -> NoticeEntry:
    row = session.execute(_entries().where(notices.c.notice_id == notice_id)).one_or_none()
    if row is None:
        raise NoticeNotFound("没有这条公告。")
    return NoticeEntry(row[0], row[1])


def list_notices(
    session: orm.Session,
    *,
    community_id: UUID | None,
    item_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[NoticeEntry]:
    wanted = _entries().order_by(notices.c.published_at.desc(), notices.c.notice_id.desc()).limit(limit)
    if community_id is not None:
        wanted = wanted.where(notices.c.community_id == community_id)
    if item_id is not None:
        wanted = wanted.where(notices.c.item_id == item_id)
    if before is not None:
        wanted = wanted.where(sa.tuple_(notices.c.published_at, notices.c.notice_id) < before)
    return [NoticeEntry(notice, name) for notice, name in session.execute(wanted)]

"""What communities ask of those who reported to them (社区派发清单)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.dual_registration import Task, require_reader
from services.claims.usecases.dual_registration import seen_by_staff
from services.claims.usecases.history import record, recorded_of
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.errors import TaskNotFound


def introduce_task(
    tx: Transaction,
    *,
    community_id: UUID,
    title: str,
    description: str,
    people: int,
    until_on: date,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    actor.require_staff_of(community_id)
    if storage.find_community(tx.session, community_id) is None:
        raise invalid_field("community_id", "所选社区不存在。")
    if until_on < local_date(now):
        raise invalid_field("until_on", "截止日期不能早于今天。")
    task = Task(
        task_id=new_id(),
        community_id=community_id,
        title=title,
        description=description,
        people=people,
        until_on=until_on,
    )
    tx.session.add(task)
    record(tx, task.task_id, "introduce_task", f"派发任务「{title}」。", actor=actor, now=now)
    tx.audited(record_id=task.task_id, community_id=community_id, after=task.facts())
    return show_task(tx, task, actor=actor)


def close_task(
    tx: Transaction,
    *,
    task_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    task = storage.get_task(tx.session, task_id, is_locked=True)
    if not (actor.is_staff and actor.reaches(task.community_id)):
        raise TaskNotFound("没有这个任务。")
    task.require_version(expected_version)
    with recorded_of(
        tx,
        task_id,
        task,
        "close_task",
        f"结束任务：{reason}",
        community_id=task.community_id,
        actor=actor,
        now=now,
        reason=reason,
    ):
        task.close(actor=actor)
    return show_task(tx, task, actor=actor)


def show_task(tx: Transaction, task: Task, *, actor: Actor) -> dict[str, Any]:
    tx.session.flush()
    line = storage.task_line(tx.session, task.task_id)
    return {**line, "possible_acts": task.possible_acts(actor)}


def list_tasks(
    tx: Transaction,
    *,
    community_id: UUID | None,
    is_open: bool | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> dict[str, Any]:
    """Units see the tasks of every community, so that they know what they are asked for."""
    require_reader(actor)
    after = decode_cursor(cursor, UUID)
    found = storage.list_tasks(
        tx.session,
        seen_by=seen_by_staff(actor),
        community_id=community_id,
        is_open=is_open,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    page = found[:limit]
    return {
        "items": [{**line, "possible_acts": _acts_on(line, actor)} for line in page],
        "next": encode_cursor(page[-1]["task_id"]) if len(found) > limit else None,
    }


def _acts_on(line: Any, actor: Actor) -> list[str]:
    is_here = actor.is_staff and actor.reaches(line["community_id"])
    return ["close_task"] if is_here and line["is_open"] else []

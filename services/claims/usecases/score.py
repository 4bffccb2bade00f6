"""Finished items are assessed, hear what the poll said, and are commended."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from uuid import UUID

import holidays

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.item import Item
from services.claims.domain.score import PollResult
from services.claims.domain.working_days import WorkCalendar
from services.claims.usecases.history import recorded
from services.claims.usecases.item import visible_item_for_update
from services.contracts.base import SYSTEM, Actor
from services.contracts.consultation.events import PollClosed


def assess_item(
    tx: Transaction,
    *,
    item_id: UUID,
    score: Decimal,
    comment: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    item.require_version(expected_version)
    summary = f"考核得分 {score:.2f}" + (f"：{comment}" if comment else "。")
    with recorded(tx, item, "assess_item", summary, actor=actor, now=now):
        scored = item.assess(assessment=score, comment=comment, actor=actor, today=local_date(now), now=now)
        if scored:
            tx.emit(scored)
    return item


def hear_poll(tx: Transaction, event: PollClosed) -> Item:
    """The beneficiaries' answer, which consultation sends when their poll closes."""
    item = storage.item_for_update(tx.session, event.item_id)
    answer = "无人作答" if event.score is None else f"得分 {event.score:.2f}"
    summary = f"民意测验结束：抽样 {event.sampled} 人，收回 {event.answered} 份，{answer}。"
    poll = PollResult(
        poll_id=event.poll_id,
        sampled=event.sampled,
        answered=event.answered,
        satisfaction_percent=event.satisfaction_percent,
        score=event.score,
        is_sample_sufficient=event.is_sample_sufficient,
    )
    with recorded(tx, item, "hear_poll", summary, actor=SYSTEM, now=event.occurred_at):
        scored = item.hear_poll(poll, today=local_date(event.occurred_at), now=event.occurred_at)
        if scored:
            tx.emit(scored)
    return item


def commend_item(
    tx: Transaction,
    *,
    item_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    item.require_version(expected_version)
    today = local_date(now)
    with recorded(tx, item, "commend_item", f"通报表扬：{reason}", actor=actor, now=now):
        tx.emit(
            item.commend(
                commendation_id=new_id(),
                reason=reason,
                calendar=work_calendar(today.year),
                actor=actor,
                today=today,
                now=now,
            )
        )
    return item


@cache
def work_calendar(year: int) -> WorkCalendar:
    """This year and the next, since periods run over New Year.

    For a year whose notice is not out yet the library knows the statutory holidays only.
    """
    known = holidays.country_holidays("CN", years=(year, year + 1))
    worked: set[date] = known.weekend_workdays
    return WorkCalendar(days_off=frozenset(known), days_worked=frozenset(worked))

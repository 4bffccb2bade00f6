"""Finished items are assessed, hear what the poll said, and are commended."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.chassis.calendar import calendar_of
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.item import Item
from services.claims.domain.scheme import Scoring
from services.claims.domain.score import PollResult
from services.claims.usecases.clock import follow_item
from services.claims.usecases.history import recorded
from services.claims.usecases.item import visible_item_for_update
from services.claims.usecases.outcome import open_rectification_if_needed
from services.claims.usecases.purchase_following import hear_score
from services.claims.usecases.scheme_in_force import scheme_of
from services.contracts.base import SYSTEM, Actor
from services.contracts.claims.events import ItemScored
from services.contracts.claims.scheme_terms import ScorerKind
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
        scored = item.assess(
            assessment=score, comment=comment, actor=actor, scheme=scheme_of(tx, item), now=now
        )
        _tell(tx, item, scored, now=now)
    follow_item(tx, item)
    return item


def score_item(
    tx: Transaction,
    *,
    item_id: UUID,
    scorer: ScorerKind,
    points: list[Decimal],
    comment: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    """The points of one of the parties that the scheme names; the last of them completes the assessment."""
    item = visible_item_for_update(tx, item_id, actor=actor)
    item.require_version(expected_version)
    scoring = Scoring(
        scoring_id=new_id(),
        scorer=scorer,
        points=points,
        comment=comment,
        scored_by_id=actor.actor_id,
        scored_at=now,
    )
    summary = f"{scorer.label}评分 {scoring.total:.2f}" + (f"：{comment}" if comment else "。")
    with recorded(tx, item, "score_item", summary, actor=actor, now=now):
        scored = item.add_scoring(scoring, actor=actor, scheme=scheme_of(tx, item), now=now)
        _tell(tx, item, scored, now=now)
    follow_item(tx, item)
    return item


def _tell(tx: Transaction, item: Item, scored: ItemScored | None, *, now: datetime) -> None:
    if scored:
        tx.emit(scored)
        open_rectification_if_needed(tx, item, now=now)
        hear_score(tx, item, now=now)


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
        scored = item.hear_poll(poll, scheme=scheme_of(tx, item), now=event.occurred_at)
        _tell(tx, item, scored, now=event.occurred_at)
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
                calendar=calendar_of(tx.session, today),
                actor=actor,
                today=today,
                now=now,
            )
        )
    return item

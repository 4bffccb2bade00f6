"""Units' results of a period: scored, objected to, settled anew, commended, told to the unit's parent."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.chassis import clocks
from services.chassis.calendar import calendar_of
from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain import objection
from services.claims.domain.scheme import Scheme, Scoring
from services.claims.domain.unit_assessment import REVIEW_WORKING_DAYS, UnitAssessment
from services.claims.usecases.admission import known_community
from services.claims.usecases.history import recorded
from services.claims.usecases.period import items_of
from services.claims.usecases.unit_showing import result_line, result_shown
from services.contracts.base import Actor
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.claims.errors import UnitAssessmentNotFound
from services.contracts.claims.scheme_terms import ResultStatus, ScorerKind

Answer = dict[str, Any]


def score_unit(
    tx: Transaction,
    *,
    assessment_id: UUID,
    scorer: ScorerKind,
    points: list[Decimal],
    comment: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Answer:
    """The points of one of the parties that the scheme names."""
    result = _for_update(tx, assessment_id, actor, expected_version)
    scoring = Scoring(
        scoring_id=new_id(),
        scorer=scorer,
        points=points,
        comment=comment,
        scored_by_id=actor.actor_id,
        scored_at=now,
    )
    with _acted(tx, result, "score_unit", f"{scorer.label}周期评分 {scoring.total:.2f}。", actor, now):
        result.add_scoring(scoring, actor=actor, scheme=_scheme_of(tx, result))
    return show_unit_assessment(tx, result, actor=actor, now=now)


def settle_unit_assessment(
    tx: Transaction,
    *,
    assessment_id: UUID,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Answer:
    result = _for_update(tx, assessment_id, actor, expected_version)
    scheme, today = _scheme_of(tx, result), local_date(now)
    with _acted(tx, result, "settle_unit_assessment", "复核定分，重新公示。", actor, now):
        scored = result.settle(
            items_of(tx, result.period, scheme, unit_id=result.unit_id).get(result.unit_id, []),
            scheme=scheme,
            calendar=calendar_of(tx.session, today),
            actor=actor,
            today=today,
            now=now,
        )
        if scored:
            tx.emit(scored)
    clocks.stop(tx, ClockKind.REVIEW_RESULT, assessment_id)
    return show_unit_assessment(tx, result, actor=actor, now=now)


def object_to_result(
    tx: Transaction, *, assessment_id: UUID, content: str, actor: Actor, now: datetime
) -> Answer:
    result = _for_update(tx, assessment_id, actor)
    objection_id = new_id()
    with _acted(tx, result, "object_to_result", "对考核结果提出异议。", actor, now):
        result.object(objection_id=objection_id, content=content, actor=actor, today=local_date(now), now=now)
    _start(
        tx,
        result,
        ClockKind.ANSWER_RESULT_OBJECTION,
        objection_id,
        working_days=objection.ANSWER_WORKING_DAYS,
    )
    return show_unit_assessment(tx, result, actor=actor, now=now)


def answer_result_objection(
    tx: Transaction,
    *,
    assessment_id: UUID,
    objection_id: UUID,
    is_upheld: bool,
    answer: str,
    actor: Actor,
    now: datetime,
) -> Answer:
    result = _for_update(tx, assessment_id, actor)
    said = f"异议{'成立，重新评定' if is_upheld else '不成立'}：{answer}"
    with _acted(tx, result, "answer_result_objection", said, actor, now, reason=answer):
        revoked = result.answer(objection_id, is_upheld=is_upheld, answer=answer, actor=actor, now=now)
        if revoked:
            tx.emit(revoked)
    clocks.stop(tx, ClockKind.ANSWER_RESULT_OBJECTION, objection_id)
    if result.status is ResultStatus.REVIEW:
        _start(tx, result, ClockKind.REVIEW_RESULT, assessment_id, working_days=REVIEW_WORKING_DAYS)
    return show_unit_assessment(tx, result, actor=actor, now=now)


def commend_unit(
    tx: Transaction,
    *,
    assessment_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Answer:
    result, today = _for_update(tx, assessment_id, actor, expected_version), local_date(now)
    with _acted(tx, result, "commend_unit", f"通报表扬：{reason}", actor, now):
        tx.emit(
            result.commend(
                commendation_id=new_id(),
                reason=reason,
                calendar=calendar_of(tx.session, today),
                actor=actor,
                today=today,
                now=now,
            )
        )
    return show_unit_assessment(tx, result, actor=actor, now=now)


def revoke_unit_commendation(
    tx: Transaction,
    *,
    assessment_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Answer:
    result = _for_update(tx, assessment_id, actor, expected_version)
    said = f"撤销表扬：{reason}"
    with _acted(tx, result, "revoke_unit_commendation", said, actor, now, reason=reason):
        tx.emit(result.revoke(reason=reason, actor=actor, now=now))
    return show_unit_assessment(tx, result, actor=actor, now=now)


def record_feedback(
    tx: Transaction,
    *,
    assessment_id: UUID,
    recipient: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Answer:
    result = _for_update(tx, assessment_id, actor, expected_version)
    with _acted(tx, result, "record_feedback", f"向「{recipient}」反馈考核结果。", actor, now):
        result.tell_parent(recipient=recipient, actor=actor, today=local_date(now))
    return show_unit_assessment(tx, result, actor=actor, now=now)


def get_unit_assessment(tx: Transaction, *, assessment_id: UUID, actor: Actor, now: datetime) -> Answer:
    result = storage.find_unit_assessment(tx.session, assessment_id)
    if result is None or not result.may_be_seen_by(actor):
        raise UnitAssessmentNotFound("没有这份考核结果。")
    return show_unit_assessment(tx, result, actor=actor, now=now)


def list_unit_assessments(
    tx: Transaction,
    *,
    community_id: UUID | None,
    unit_id: UUID | None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Answer:
    """What is settled may be read by everybody."""
    after = decode_cursor(cursor, date, UUID)
    found = storage.list_unit_assessments(
        tx.session,
        community_id=community_id,
        unit_id=unit_id,
        before=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    page, today = found[:limit], local_date(now)
    names = {one.community_id: one.community_name for one in storage.list_communities(tx.session)}
    more = encode_cursor(page[-1].notice_until_on, page[-1].assessment_id) if len(found) > limit else None
    return {
        "items": [
            result_line(
                one,
                (),
                scheme=_scheme_of(tx, one),
                community_name=names.get(one.community_id, ""),
                today=today,
            )
            for one in page
        ],
        "next": more,
    }


def show_unit_assessment(tx: Transaction, result: UnitAssessment, *, actor: Actor, now: datetime) -> Answer:
    tx.session.flush()
    scheme = _scheme_of(tx, result)
    running = {} if result.is_settled else items_of(tx, result.period, scheme, unit_id=result.unit_id)
    return result_shown(
        result,
        running.get(result.unit_id, []),
        scheme=scheme,
        community_name=known_community(tx, result.community_id).community_name,
        history=storage.history_of(tx.session, result.assessment_id),
        reader=actor,
        today=local_date(now),
    )


def _scheme_of(tx: Transaction, result: UnitAssessment) -> Scheme:
    return storage.scheme_of_number(tx.session, result.period.scheme_number)


def _for_update(
    tx: Transaction, assessment_id: UUID, actor: Actor, expected_version: int | None = None
) -> UnitAssessment:
    """Under its lock; whoever may not see it is not told that it exists."""
    result = storage.unit_assessment_for_update(tx.session, assessment_id)
    if not result.may_be_seen_by(actor):
        raise UnitAssessmentNotFound("没有这份考核结果。")
    result.require_version(expected_version)
    return result


@contextmanager
def _acted(
    tx: Transaction,
    result: UnitAssessment,
    act: str,
    summary: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
) -> Iterator[None]:
    with recorded(tx, result, act, summary, actor=actor, now=now, reason=reason):
        yield


def _start(
    tx: Transaction, result: UnitAssessment, kind: ClockKind, subject_id: UUID, *, working_days: int
) -> None:
    clocks.start(
        tx,
        kind,
        subject_id,
        on=local_date(tx.now),
        working_days=working_days,
        record_id=result.assessment_id,
        community_id=result.community_id,
        title=f"「{result.unit.unit_name}」{result.period.label}考核结果",
    )

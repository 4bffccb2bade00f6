"""Assessment schemes are drafted, published with a later day of effect, and read."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.chassis.paging import decode_cursor, encode_cursor
from services.claims import storage
from services.claims.domain.scheme import (
    Criterion,
    Scheme,
    ScorerRule,
    require_city_admin,
    require_sound,
    scheme_on,
)
from services.claims.domain.score import PollResult, score
from services.claims.usecases.admission import values_of
from services.claims.usecases.history import record, recorded
from services.claims.usecases.showing import line_shown
from services.contracts.base import Actor, Role
from services.contracts.claims.errors import SchemeNotFound
from services.contracts.claims.scheme_terms import SchemeStatus

# One work, so that schemes can be compared by what they make of it (domain rules 2.3).
EXAMPLE_ASSESSMENT, EXAMPLE_POLL = Decimal("88.00"), Decimal("81.25")
EXAMPLE_DUE_ON, EXAMPLE_FINISHED_ON = date(2026, 12, 8), date(2026, 12, 10)


def draft_scheme(tx: Transaction, *, actor: Actor, now: datetime, **fields: Any) -> dict[str, Any]:
    require_city_admin(actor)
    storage.lock_schemes(tx.session)
    scheme = Scheme(
        scheme_id=new_id(),
        number=storage.next_scheme_number(tx.session),
        drafted_at=now,
        **_written(fields),
    )
    require_sound(scheme)
    tx.session.add(scheme)
    record(tx, scheme.scheme_id, "draft_scheme", f"起草考核方案第 {scheme.number} 版。", actor=actor, now=now)
    tx.audited(record_id=scheme.scheme_id)
    return show_scheme(tx, scheme, actor=actor, now=now)


def change_scheme(
    tx: Transaction,
    *,
    scheme_id: UUID,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
    **fields: Any,
) -> dict[str, Any]:
    scheme = _for_update(tx, scheme_id, actor, expected_version)
    with recorded(tx, scheme, "change_scheme", "修改方案草案。", actor=actor, now=now):
        scheme.change(actor=actor, **_written(fields))
    return show_scheme(tx, scheme, actor=actor, now=now)


def publish_scheme(
    tx: Transaction,
    *,
    scheme_id: UUID,
    effective_on: date,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    storage.lock_schemes(tx.session)
    scheme = _for_update(tx, scheme_id, actor, expected_version)
    latest = max(one.effective_on or date.min for one in storage.published_schemes(tx.session))
    with recorded(
        tx, scheme, "publish_scheme", f"发布方案，自 {effective_on} 起施行。", actor=actor, now=now
    ):
        scheme.publish(effective_on=effective_on, latest=latest, actor=actor, today=local_date(now), now=now)
    return show_scheme(tx, scheme, actor=actor, now=now)


def withdraw_scheme(
    tx: Transaction,
    *,
    scheme_id: UUID,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    storage.lock_schemes(tx.session)
    scheme = _for_update(tx, scheme_id, actor, expected_version)
    with recorded(tx, scheme, "withdraw_scheme", f"撤回方案：{reason}", actor=actor, now=now, reason=reason):
        scheme.withdraw(reason=reason, actor=actor, today=local_date(now))
    return show_scheme(tx, scheme, actor=actor, now=now)


def get_scheme(tx: Transaction, *, scheme_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    scheme = storage.get_scheme(tx.session, scheme_id)
    if scheme.status not in _statuses_shown_to(actor):
        raise SchemeNotFound("没有这个考核方案。")
    return show_scheme(tx, scheme, actor=actor, now=now)


def list_schemes(
    tx: Transaction,
    *,
    status: SchemeStatus | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    after = decode_cursor(cursor, int)
    shown = _statuses_shown_to(actor)
    found = storage.list_schemes(
        tx.session,
        statuses=[one for one in shown if status in (None, one)],
        before=after[0] if after else None,
        limit=limit + 1,
    )
    current = scheme_on(local_date(now), storage.published_schemes(tx.session))
    page = found[:limit]
    return {
        "items": [{**values_of(one), "is_in_force": one is current} for one in page],
        "next": encode_cursor(page[-1].number) if len(found) > limit else None,
    }


def show_scheme(tx: Transaction, scheme: Scheme, *, actor: Actor, now: datetime) -> dict[str, Any]:
    tx.session.flush()
    today = local_date(now)
    return {
        **values_of(scheme),
        "periodic_weight": scheme.periodic_weight,
        "is_in_force": scheme_on(today, storage.published_schemes(tx.session)) is scheme,
        "worked_example": worked_example(scheme),
        "history": [line_shown(line, actor) for line in storage.history_of(tx.session, scheme.scheme_id)],
        "possible_acts": scheme.possible_acts(actor=actor, today=today),
    }


def worked_example(scheme: Scheme) -> list[str]:
    """Work that was assessed with 88, polled at 81.25 and handed in two days late."""
    result = score(
        assessment=EXAMPLE_ASSESSMENT,
        poll=PollResult(
            poll_id=uuid4(),
            sampled=60,
            answered=40,
            satisfaction_percent=Decimal(90),
            score=EXAMPLE_POLL,
            is_sample_sufficient=True,
        ),
        finished_on=EXAMPLE_FINISHED_ON,
        due_on=EXAMPLE_DUE_ON,
        rules=scheme.rules,
        assessed_by=[rule.sentence for rule in scheme.scorers],
    )
    return result.explanation


def _for_update(tx: Transaction, scheme_id: UUID, actor: Actor, expected_version: int | None) -> Scheme:
    require_city_admin(actor)
    scheme = storage.scheme_for_update(tx.session, scheme_id)
    scheme.require_version(expected_version)
    return scheme


def _written(fields: dict[str, Any]) -> dict[str, Any]:
    """What a person wrote, with its parts as the domain knows them."""
    scorers = [
        ScorerRule(
            scorer=rule["scorer"],
            weight=rule["weight"],
            criteria=tuple(Criterion(**one) for one in rule["criteria"]),
        )
        for rule in fields["scorers"]
    ]
    return {**fields, "scorers": scorers}


def _statuses_shown_to(actor: Actor) -> list[SchemeStatus]:
    """Drafts are for those who write them."""
    if actor.has_role(Role.CITY_ADMIN, Role.CITY_OFFICER):
        return list(SchemeStatus)
    return [SchemeStatus.PUBLISHED]

"""Proofs that somebody asks a community to seal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.chassis.ids import new_id
from services.claims import storage
from services.claims.domain.admission_rules import on_list_basis, tidy_name
from services.claims.domain.seal import SealRequest
from services.claims.usecases.admission import known_community, paged, reached_communities, values_of
from services.claims.usecases.history import record, recorded_of
from services.contracts.base import Actor
from services.contracts.claims.admission_terms import GateList, SealStatus
from services.contracts.claims.errors import SealRequestNotFound

SEAL_SERIES = "YY"


def request_seal(
    tx: Transaction,
    *,
    community_id: UUID,
    proof_title: str,
    asked_by: str,
    purpose: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """A proof that must not be issued is refused at once, with the basis that the asker is shown."""
    actor.require_staff_of(community_id)
    known_community(tx, community_id)
    today = local_date(now)
    request = SealRequest(
        seal_id=new_id(),
        code=storage.take_gate_code(tx.session, SEAL_SERIES, today.year),
        community_id=community_id,
        proof_title=proof_title,
        asked_by=tidy_name(asked_by),
        purpose=purpose,
        requested_on=today,
        requested_at=now,
    )
    negative = next(
        (
            entry
            for entry in storage.gate_entries_naming(tx.session, proof_title, on=today)
            if entry.gate_list is GateList.NEGATIVE
        ),
        None,
    )
    refused = request.request(
        negative_basis=on_list_basis(negative.gate_list.label, negative.title, negative.basis)
        if negative
        else None
    )
    if refused:
        tx.emit(refused)
    tx.session.add(request)
    summary = f"「{request.asked_by}」申请「{proof_title}」用印" + (
        f"，按规定不予出具：{request.reason}" if refused else "。"
    )
    record(tx, request.seal_id, "request_seal", summary, actor=actor, now=now)
    tx.audited(record_id=request.seal_id, community_id=community_id, after=request.facts())
    return show_seal(tx, request, actor=actor)


def decide_seal(
    tx: Transaction,
    *,
    seal_id: UUID,
    is_approved: bool,
    reason: str,
    expected_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    request = storage.seal_request_for_update(tx.session, seal_id)
    if not actor.reaches(request.community_id):
        raise SealRequestNotFound("没有这个用印申请。")
    request.require_version(expected_version)
    summary = ("同意用印" if is_approved else "不予出具") + (f"：{reason}" if reason else "。")
    with recorded_of(
        tx,
        seal_id,
        request,
        "decide_seal",
        summary,
        community_id=request.community_id,
        actor=actor,
        now=now,
        reason=reason,
    ):
        if refused := request.decide(is_approved=is_approved, reason=reason, actor=actor, now=now):
            tx.emit(refused)
    return show_seal(tx, request, actor=actor)


def list_seal_requests(
    tx: Transaction,
    *,
    community_id: UUID | None,
    status: SealStatus | None,
    cursor: str | None,
    limit: int,
    actor: Actor,
) -> dict[str, Any]:
    there = reached_communities(actor, community_id)
    found, more = paged(
        lambda after, most: storage.list_seal_requests(
            tx.session, community_ids=there, status=status, after=after, limit=most
        ),
        cursor=cursor,
        limit=limit,
        key="seal_id",
    )
    return {
        "items": [
            {**values_of(one), "community_name": name, "possible_acts": one.possible_acts(actor)}
            for one, name in found
        ],
        "next": more,
    }


def show_seal(tx: Transaction, request: SealRequest, *, actor: Actor) -> dict[str, Any]:
    return {
        **values_of(request),
        "community_name": known_community(tx, request.community_id).community_name,
        "possible_acts": request.possible_acts(actor),
    }

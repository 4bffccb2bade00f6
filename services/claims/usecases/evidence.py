"""Photos and documents of a claim: what they are; the files lie with the gateway."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.evidence import Evidence
from services.claims.domain.item import Item
from services.claims.usecases.history import recorded
from services.claims.usecases.item import visible_item_for_update
from services.contracts.base import Actor
from services.contracts.claims.errors import EvidenceNotFound, ItemNotFound


def attach_evidence(
    tx: Transaction,
    *,
    item_id: UUID,
    claim_id: UUID,
    evidence_id: UUID,
    actor: Actor,
    now: datetime,
    **file: Any,
) -> Item:
    """Once, however often it is asked: whoever got no answer asks again."""
    item = visible_item_for_update(tx, item_id, actor=actor)
    claim = item.get_claim(claim_id)
    if evidence_id in {one.evidence_id for one in claim.evidence}:
        claim.require("attach_evidence", actor=actor, community_id=item.community_id)
        return item
    evidence = Evidence(evidence_id=evidence_id, attached_at=now, **file)
    summary = f"「{claim.lead.unit_name}」的认领上传佐证材料：{evidence.file_name}"
    with recorded(tx, item, "attach_evidence", summary, actor=actor, now=now):
        tx.emit(item.attach_evidence(claim_id, evidence=evidence, actor=actor, now=now))
    return item


def withdraw_evidence(
    tx: Transaction,
    *,
    item_id: UUID,
    claim_id: UUID,
    evidence_id: UUID,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    name = item.get_claim(claim_id).get_evidence(evidence_id).file_name
    summary = f"撤下佐证材料 {name}，原因：{reason}"
    with recorded(tx, item, "withdraw_evidence", summary, actor=actor, now=now, reason=reason):
        tx.emit(item.withdraw_evidence(claim_id, evidence_id, actor=actor, now=now))
    return item


def show_evidence(
    tx: Transaction,
    *,
    item_id: UUID,
    claim_id: UUID,
    evidence_id: UUID,
    is_public: bool,
    actor: Actor,
    now: datetime,
) -> Item:
    item = visible_item_for_update(tx, item_id, actor=actor)
    name = item.get_claim(claim_id).get_evidence(evidence_id).file_name
    summary = f"公开佐证材料 {name}。" if is_public else f"佐证材料 {name} 不再公开。"
    with recorded(tx, item, "show_evidence", summary, actor=actor, now=now):
        item.show_evidence(claim_id, evidence_id, is_public=is_public, actor=actor)
    return item


def get_evidence(
    tx: Transaction, *, item_id: UUID, claim_id: UUID, evidence_id: UUID, actor: Actor
) -> Evidence:
    """Whoever may not see it is not told that it exists."""
    item = storage.find_item(tx.session, item_id)
    if item is None or not item.may_be_seen_by(actor):
        raise ItemNotFound("没有这个事项。")
    claim = item.get_claim(claim_id)
    for one in claim.seen_evidence(actor=actor, community_id=item.community_id):
        if one.evidence_id == evidence_id:
            return one
    raise EvidenceNotFound("没有这份佐证材料。")

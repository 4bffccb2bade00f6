"""Evidence of a claim: who adds, sees and takes back, how much of it, and that asking twice adds it once."""

from typing import Any
from uuid import uuid4

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.claim import Claim
from services.claims.domain.evidence import MOST_OF_A_CLAIM
from services.claims.domain.item import Item
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid
from services.contracts.claims.errors import ClaimNotInState, EvidenceFull, EvidenceNotFound
from services.contracts.claims.terms import ClaimStatus
from tests.builders import (
    NOW,
    XINGAN,
    item_with_claim,
    liaison,
    make_evidence,
    make_unit,
    supervisor,
    worker,
)
from tests.claims.acting import do, event_names, show, statements, store

FILE = {"file_name": "清雪后.jpg", "media_type": "image/jpeg", "size": 1200, "sha256": "0" * 64}


def stored(db: Database, status: ClaimStatus = ClaimStatus.IN_PROGRESS) -> tuple[Item, Claim]:
    item, claim = item_with_claim(status)
    store(db, item)
    return item, claim


def attach(db: Database, item: Item, claim: Claim, **given: Any) -> Any:
    fields = {**FILE, "evidence_id": uuid4(), "milestone_id": None} | given
    do(db, usecases.attach_evidence, item_id=item.item_id, claim_id=claim.claim_id, **fields)
    return fields["evidence_id"]


def seen(db: Database, item: Item, actor: Actor | None = None) -> list[dict[str, Any]]:
    [claim] = show(db, item.item_id, actor=actor)["claims"]
    return [vars(one) for one in claim["evidence"]]


def test_what_is_attached_is_seen_with_its_history_and_told(db: Database) -> None:
    item, claim = stored(db)
    evidence_id = attach(db, item, claim, milestone_id=claim.milestones[0].milestone_id)

    [one] = seen(db, item)
    assert (one["evidence_id"], one["file_name"], one["milestone_id"]) == (
        evidence_id,
        "清雪后.jpg",
        claim.milestones[0].milestone_id,
    )
    line = show(db, item.item_id)["history"][-1]
    assert (line["act"], "清雪后.jpg" in line["summary"]) == ("attach_evidence", True)
    assert event_names(db) == ["evidence_attached"]


def test_whoever_got_no_answer_and_asks_again_has_it_once(db: Database) -> None:
    item, claim = stored(db)
    evidence_id = attach(db, item, claim)

    attach(db, item, claim, evidence_id=evidence_id)

    assert len(seen(db, item)) == 1
    assert event_names(db) == ["evidence_attached"]


def test_the_public_and_strangers_see_what_was_made_public(db: Database) -> None:
    item, claim = stored(db)
    hidden, shown = attach(db, item, claim), attach(db, item, claim)
    where = {"item_id": item.item_id, "claim_id": claim.claim_id}
    do(db, usecases.show_evidence, **where, evidence_id=shown, is_public=True)

    for reader in (ANONYMOUS, worker(XINGAN), liaison(make_unit(number=2))):
        assert [one["evidence_id"] for one in seen(db, item, reader)] == [shown]
        with db.reading(actor=reader, now=NOW) as tx:
            assert usecases.get_evidence(tx, **where, evidence_id=shown, actor=reader).is_public
            with pytest.raises(EvidenceNotFound):
                usecases.get_evidence(tx, **where, evidence_id=hidden, actor=reader)
    for reader in (worker(), supervisor(), liaison(claim.lead)):
        assert len(seen(db, item, reader)) == 2

    do(db, usecases.show_evidence, **where, evidence_id=shown, is_public=False)
    assert seen(db, item, ANONYMOUS) == []


def test_what_is_taken_back_is_gone_and_says_why(db: Database) -> None:
    item, claim = stored(db)
    where = {"item_id": item.item_id, "claim_id": claim.claim_id}
    evidence_id = attach(db, item, claim)

    do(db, usecases.withdraw_evidence, **where, evidence_id=evidence_id, reason="拍到了证件")

    assert seen(db, item) == []
    assert "拍到了证件" in show(db, item.item_id)["history"][-1]["summary"]
    assert event_names(db) == ["evidence_attached", "evidence_withdrawn"]
    with pytest.raises(EvidenceNotFound):
        do(db, usecases.withdraw_evidence, **where, evidence_id=evidence_id, reason="再撤")


@pytest.mark.parametrize(
    "actor", [worker(XINGAN), supervisor(), ANONYMOUS], ids=["other community", "supervisor", "public"]
)
def test_nobody_else_adds_any(db: Database, actor: Actor) -> None:
    item, claim = stored(db)

    with pytest.raises(Forbidden):
        do(
            db,
            usecases.attach_evidence,
            item_id=item.item_id,
            claim_id=claim.claim_id,
            evidence_id=uuid4(),
            milestone_id=None,
            actor=actor,
            **FILE,
        )
    assert event_names(db) == []


def test_finished_work_takes_no_more(db: Database) -> None:
    item, claim = stored(db, ClaimStatus.VERIFIED)

    with pytest.raises(ClaimNotInState, match="上传佐证材料"):
        attach(db, item, claim)


def test_a_claim_holds_a_bounded_number() -> None:
    _, claim = item_with_claim(ClaimStatus.IN_PROGRESS)
    for _ in range(MOST_OF_A_CLAIM):
        claim.add_evidence(make_evidence())

    with pytest.raises(EvidenceFull, match="20"):
        claim.add_evidence(make_evidence())


def test_a_milestone_of_another_claim_is_refused(db: Database) -> None:
    item, claim = stored(db)

    with pytest.raises(Invalid) as refused:
        attach(db, item, claim, milestone_id=uuid4())
    assert list(refused.value.fields) == ["milestone_id"]


def test_a_claim_that_was_just_made_asks_the_database_for_no_evidence(db: Database) -> None:
    item, _ = stored(db, ClaimStatus.CLAIMED)

    with statements(db) as sent:
        show(db, item.item_id)

    assert not [one for one in sent if "FROM evidence" in one]

"""What a unit has claimed, done and earned is counted once each."""

from decimal import Decimal
from typing import Any

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.unit import Unit
from services.contracts.base import ANONYMOUS
from services.contracts.claims.errors import UnitNotFound
from services.contracts.claims.terms import ClaimKind, UnitStatus
from tests.builders import NOW, TODAY, make_item, make_unit, worker
from tests.claims.acting import do, store


def claimed(db: Database, unit: Unit, number: int) -> Any:
    item = make_item(code=f"RL-2026-000{number}")
    item.publish(party_study_on=TODAY, claim_until_on=TODAY, actor=worker(), today=TODAY, now=NOW)
    store(db, item)
    do(
        db,
        usecases.claim_item,
        item_id=item.item_id,
        kind=ClaimKind.WHOLE,
        quantity=None,
        unit_id=unit.unit_id,
        supporting_unit_ids=[],
        note="",
    )
    with db.reading() as tx:
        shown = usecases.get_item(tx, item_id=item.item_id, actor=worker(), now=NOW)
    return {"item_id": item.item_id, "claim_id": shown["claims"][0]["claim_id"]}


def work(db: Database, unit: Unit) -> dict[str, Any]:
    with db.reading() as tx:
        return usecases.get_unit_work(tx, unit_id=unit.unit_id, actor=ANONYMOUS)


def test_claims_are_counted_by_how_they_went(db: Database) -> None:
    unit, other = make_unit(), make_unit("市中医院", number=2)
    store(db, unit, other)
    claimed(db, unit, 1)
    claimed(db, other, 2)
    do(db, usecases.release_claim, **claimed(db, unit, 3), reason="人手不足")
    done = claimed(db, unit, 4)
    do(db, usecases.confirm_claim, **done, agreement="")
    do(db, usecases.submit_claim, **done, summary="已完工")
    do(db, usecases.verify_claim, **done, note="")

    found = work(db, unit)

    counted = {name: found[name] for name in ("claims", "open", "done", "released", "scored", "commended")}
    assert counted == {"claims": 3, "open": 1, "done": 1, "released": 1, "scored": 0, "commended": 0}
    assert found["average_score"] is None


def test_scores_are_averaged_over_finished_items(db: Database) -> None:
    unit = make_unit()
    store(db, unit)
    for number, score in ((1, "90.00"), (2, "85.50")):
        done = claimed(db, unit, number)
        do(db, usecases.confirm_claim, **done, agreement="")
        do(db, usecases.submit_claim, **done, summary="已完工")
        do(db, usecases.verify_claim, **done, note="")
        with db.transaction() as tx:
            tx.session.connection().exec_driver_sql(
                "UPDATE items SET score_total = %s WHERE item_id = %s", (score, str(done["item_id"]))
            )

    assert (work(db, unit)["scored"], work(db, unit)["average_score"]) == (2, Decimal("87.75"))


def test_the_work_of_an_applicant_is_nobodys_business(db: Database) -> None:
    unit = make_unit(status=UnitStatus.APPLIED)
    store(db, unit)

    with pytest.raises(UnitNotFound):
        work(db, unit)

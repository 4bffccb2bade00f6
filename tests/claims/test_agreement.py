"""The words of the joint-building agreement: only of what is agreed, and only for the parties."""

from typing import Any
from uuid import uuid4

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import Item
from services.claims.domain.unit import Unit
from services.contracts.base import Actor, Forbidden
from services.contracts.claims.agreement_terms import PLACEHOLDERS
from services.contracts.claims.errors import ClaimNotFound, ClaimNotInState, ItemNotFound, UnitNotMember
from services.contracts.claims.terms import ClaimKind
from services.contracts.claims.views import AgreementView
from tests.builders import NOW, TODAY, XINGAN, liaison, make_item, make_unit, supervisor, worker
from tests.claims.acting import do, show, store


def claimed(db: Database, *units: Unit) -> Item:
    item = make_item()
    item.publish(party_study_on=TODAY, claim_until_on=TODAY, actor=worker(), today=TODAY, now=NOW)
    store(db, *units, item)
    kind = ClaimKind.JOINT if len(units) > 1 else ClaimKind.WHOLE
    do(
        db,
        usecases.claim_item,
        item_id=item.item_id,
        kind=kind,
        quantity=None,
        unit_id=units[0].unit_id,
        supporting_unit_ids=[unit.unit_id for unit in units[1:]],
        note="",
    )
    return item


def words(db: Database, item: Item, actor: Actor | None = None, **given: Any) -> dict[str, str]:
    claim_id = show(db, item.item_id)["claims"][0]["claim_id"]
    wanted = {"item_id": item.item_id, "claim_id": claim_id} | given
    found: dict[str, str] = do(db, usecases.get_claim_agreement, **wanted, actor=actor)
    return found


def confirm(db: Database, item: Item) -> None:
    claim_id = show(db, item.item_id)["claims"][0]["claim_id"]
    do(db, usecases.confirm_claim, item_id=item.item_id, claim_id=claim_id, agreement="GJ-2026-7")


def test_a_confirmed_claims_agreement_names_parties_item_and_terms(db: Database) -> None:
    lead, support = make_unit(), make_unit("市中医院", number=2)
    item = claimed(db, lead, support)
    confirm(db, item)

    said = words(db, item)

    assert said | {"joined_on": "", "uscc": "", "functions": ""} == {
        "agreement_number": "GJ-2026-7",
        "claimed_on": "2026年11月23日",
        "community_name": "花园社区",
        "due_on": "2026年12月8日",
        "functions": "",
        "item_code": "RL-2026-0001",
        "item_description": item.description,
        "item_title": "冬季清雪",
        "joined_on": "",
        "made_on": "2026年11月23日",
        "place": item.place,
        "quantity": "3 处",
        "supporting_units": "市中医院",
        "unit_name": "黑河供电公司",
        "uscc": "",
    }


def test_what_a_template_may_name_is_what_the_view_carries() -> None:
    assert set(AgreementView().fields) == set(PLACEHOLDERS)


def test_before_the_community_confirms_there_is_no_agreement(db: Database) -> None:
    item = claimed(db, make_unit())

    with pytest.raises(ClaimNotInState, match="社区确认后才能打印协议书"):
        words(db, item)


def test_the_parties_print_it_and_nobody_else(db: Database) -> None:
    lead, support = make_unit(), make_unit("市中医院", number=2)
    item = claimed(db, lead, support)
    confirm(db, item)

    for party in (liaison(lead), liaison(support)):
        assert words(db, item, party)["unit_name"] == "黑河供电公司"
    for stranger in (liaison(uuid4()), worker(XINGAN), supervisor()):
        with pytest.raises(Forbidden):
            words(db, item, stranger)
    with pytest.raises(ClaimNotFound):
        words(db, item, claim_id=uuid4())
    with pytest.raises(ItemNotFound):
        words(db, item, item_id=uuid4())


def test_a_members_agreement_names_the_communities_it_serves(db: Database) -> None:
    unit = make_unit()
    store(db, unit)

    said = do(db, usecases.get_membership_agreement, unit_id=unit.unit_id, actor=liaison(unit))
    assert (said["community_name"], said["functions"], said["joined_on"]) == (
        "花园社区",
        "冬季除雪",
        "2026年11月23日",
    )
    with pytest.raises(Forbidden):
        do(db, usecases.get_membership_agreement, unit_id=unit.unit_id, actor=worker(XINGAN))
    do(db, usecases.suspend_unit, unit_id=unit.unit_id, reason="两次未办结")
    with pytest.raises(UnitNotMember):
        do(db, usecases.get_membership_agreement, unit_id=unit.unit_id)

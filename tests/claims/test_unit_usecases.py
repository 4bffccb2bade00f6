"""Units apply, are decided on within a working-day clock, are suspended, and leave."""

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.claims.domain.item import Item
from services.claims.domain.unit import Unit
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, NotFound, Role, VersionMismatch
from services.contracts.claims.errors import (
    UnitAlreadyRegistered,
    UnitContactNotFound,
    UnitHasOpenClaims,
    UnitNotFound,
    UnitNotMember,
    UsccInvalid,
)
from services.contracts.claims.terms import ClaimKind, ClaimStatus, UnitStatus
from tests.builders import (
    HUAYUAN,
    NOW,
    TODAY,
    XINGAN,
    city_officer,
    liaison,
    make_item,
    make_unit,
    unit_fields,
    worker,
)
from tests.claims.acting import do, event_names, events, show, store

CONTACT = {"contact_name": "关海兰", "post": "办公室主任", "contact_phone": "0456-8223344"}
DIRECTOR = Actor(actor_id="d", name="书记", roles=(Role.COMMUNITY_MANAGER,), community_ids=(HUAYUAN,))
CITY_ADMIN = Actor(actor_id="c", name="市管", roles=(Role.CITY_ADMIN,))


def published_item(**given: Any) -> Item:
    item = make_item(**given)
    item.publish(party_study_on=TODAY, claim_until_on=TODAY, actor=worker(), today=TODAY, now=NOW)
    return item


def application(**given: Any) -> dict[str, Any]:
    return {**unit_fields(), **CONTACT, "introduction": "可出人清雪，电话13812341234", **given}


def apply(db: Database, *, actor: Actor = ANONYMOUS, **given: Any) -> dict[str, Any]:
    applied: dict[str, Any] = do(db, usecases.apply_unit, **application(**given), actor=actor)
    return applied


def seen(db: Database, unit_id: UUID, actor: Actor | None = None) -> dict[str, Any]:
    with db.reading() as tx:
        return usecases.get_unit(tx, unit_id=unit_id, actor=actor or worker())


def clocks_of(db: Database, actor: Actor) -> list[tuple[str, str]]:
    wanted = {"community_id": None, "kind": None, "stage": None, "is_late": False}
    listed = do(db, usecases.list_clocks, cursor=None, limit=50, **wanted, actor=actor)
    return [(clock["kind"], str(clock["due_on"])) for clock in listed["items"]]


def test_an_application_waits_ten_working_days_in_the_inbox_until_it_is_approved(db: Database) -> None:
    applied = apply(db)

    assert str(applied["due_on"]) == "2026-12-07"
    assert clocks_of(db, worker()) == [("unit_decision", "2026-12-07")]
    unit = do(db, usecases.approve_unit, unit_id=applied["unit_id"])
    assert (unit.status, unit.joined_on) == (UnitStatus.MEMBER, TODAY)
    assert clocks_of(db, worker()) == []
    assert event_names(db) == ["unit_applied", "unit_approved"]


def test_the_reference_leads_to_the_decision_and_to_nothing_about_persons(db: Database) -> None:
    applied = apply(db)
    typed = "-".join(applied["reference"][place : place + 4] for place in (0, 4, 8)).lower()

    with db.reading() as tx:
        waiting = usecases.follow_application(tx, reference=typed)
    do(db, usecases.refuse_unit, unit_id=applied["unit_id"], reason="缺营业执照")
    with db.reading() as tx:
        followed = usecases.follow_application(tx, reference=applied["reference"])
        with pytest.raises(NotFound):
            usecases.follow_application(tx, reference="2" * 12)

    assert (waiting["status"], str(waiting["due_on"])) == (UnitStatus.APPLIED, "2026-12-07")
    assert (followed["status"], followed["reason"]) == (UnitStatus.REFUSED, "缺营业执照")
    assert [step["office"] for step in followed["steps"]] == ["申请单位", "社区工作人员"]
    assert "关海兰" not in str(followed)
    assert "王社工" not in str(followed)


def test_a_refused_unit_applies_again_under_the_same_code_and_nobody_applies_twice(db: Database) -> None:
    first = apply(db)
    with pytest.raises(UnitAlreadyRegistered):
        apply(db)
    do(db, usecases.refuse_unit, unit_id=first["unit_id"], reason="材料不全")
    second = apply(db, unit_name="冒名")

    assert second["unit_id"] == first["unit_id"]
    assert second["reference"] != first["reference"]
    shown = seen(db, first["unit_id"])
    assert (shown["unit_name"], shown["status"], shown["reason"]) == (
        "黑河供电公司",
        UnitStatus.APPLIED,
        "",
    )
    with db.reading() as tx, pytest.raises(UnitNotFound):
        usecases.follow_application(tx, reference=first["reference"])


def test_the_contacts_are_for_its_communities_and_go_when_it_is_refused(db: Database) -> None:
    unit_id = apply(db, community_ids=[HUAYUAN])["unit_id"]

    [contact] = seen(db, unit_id)["contacts"]
    assert (contact.contact_name, contact.contact_phone) == ("关海兰", "0456-8223344")
    with pytest.raises(UnitNotFound):
        seen(db, unit_id, worker(XINGAN))
    do(db, usecases.refuse_unit, unit_id=unit_id, reason="材料不全")
    assert seen(db, unit_id)["contacts"] == []


def test_numbers_in_the_introduction_are_left_out(db: Database) -> None:
    assert "13812341234" not in seen(db, apply(db)["unit_id"])["introduction"]


def test_contacts_are_added_and_removed_by_staff_and_the_own_liaison(db: Database) -> None:
    unit: Unit = do(db, usecases.register_unit, **unit_fields(community_ids=[HUAYUAN]))
    own = liaison(unit.unit_id)

    do(db, usecases.add_unit_contact, unit_id=unit.unit_id, **CONTACT, actor=own)
    [contact] = seen(db, unit.unit_id, own)["contacts"]
    assert seen(db, unit.unit_id, liaison(uuid4()))["contacts"] == []
    for stranger in (worker(XINGAN), liaison(uuid4())):
        with pytest.raises(Forbidden):
            do(db, usecases.add_unit_contact, unit_id=unit.unit_id, **CONTACT, actor=stranger)
    do(db, usecases.remove_unit_contact, unit_id=unit.unit_id, contact_id=contact.contact_id)
    with pytest.raises(UnitContactNotFound):
        do(db, usecases.remove_unit_contact, unit_id=unit.unit_id, contact_id=contact.contact_id)

    assert seen(db, unit.unit_id)["contacts"] == []


def test_a_contact_is_unmasked_by_the_director_only_and_corrected_at_the_desk(db: Database) -> None:
    unit_id = apply(db, community_ids=[HUAYUAN])["unit_id"]
    contact_id = seen(db, unit_id)["contacts"][0].contact_id
    person = {"resident_name": "关海兰", "identity_number": "", "email": ""}

    with db.reading() as tx:
        whole = usecases.unmask(tx, record_id=contact_id, field="contact_phone", actor=DIRECTOR)
        with pytest.raises(Forbidden):
            usecases.unmask(tx, record_id=contact_id, field="contact_phone", actor=worker())
        [held] = usecases.gather_personal(tx, **person, actor=CITY_ADMIN)
        _, kept = usecases.erase_personal(tx, **person, actor=CITY_ADMIN)
    correction = {"record_id": contact_id, "field": "contact_phone"}
    with pytest.raises(Invalid):
        do(db, usecases.correct_personal, **correction, value="没有", actor=CITY_ADMIN)
    do(db, usecases.correct_personal, **correction, value="0456-1", actor=CITY_ADMIN)

    assert whole == "0456-8223344"
    assert (held["record_id"], held["facts"]["单位"]) == (contact_id, "黑河供电公司")
    assert kept == ["驻地单位联系人：「黑河供电公司」有同名联系人，请由该单位或社区删除。"]
    assert seen(db, unit_id)["contacts"][0].contact_phone == "0456-1"


def test_a_suspended_unit_finishes_what_it_claimed_and_claims_nothing_new(db: Database) -> None:
    unit, first, second = make_unit(), published_item(), published_item(code="RL-2026-0002")
    store(db, unit, first, second)
    claim = {"kind": ClaimKind.WHOLE, "quantity": None, "supporting_unit_ids": [], "note": ""}
    own = liaison(unit)
    do(db, usecases.claim_item, item_id=first.item_id, unit_id=unit.unit_id, **claim, actor=own)

    do(db, usecases.suspend_unit, unit_id=unit.unit_id, reason="两次未办结")
    with pytest.raises(UnitNotMember):
        do(db, usecases.claim_item, item_id=second.item_id, unit_id=unit.unit_id, **claim, actor=own)
    claim_id = show(db, first.item_id)["claims"][0]["claim_id"]
    do(db, usecases.confirm_claim, item_id=first.item_id, claim_id=claim_id, agreement="")
    do(
        db,
        usecases.report_milestone,
        item_id=first.item_id,
        claim_id=claim_id,
        milestone_title="进场",
        percent=10,
        note="",
        actor=own,
    )
    assert show(db, first.item_id)["claims"][0]["status"] is ClaimStatus.IN_PROGRESS
    suggested = do(db, usecases.suggest_units, item_id=second.item_id, limit=5)
    assert suggested["items"] == []

    do(db, usecases.reinstate_unit, unit_id=unit.unit_id, reason="已整改")
    do(db, usecases.claim_item, item_id=second.item_id, unit_id=unit.unit_id, **claim, actor=own)
    with pytest.raises(UnitHasOpenClaims, match="还有 2 项认领"):
        do(db, usecases.leave_alliance, unit_id=unit.unit_id, reason="迁出", actor=own)


def test_a_unit_that_leaves_claims_nothing_at_that_very_moment(db: Database) -> None:
    """Leaving holds the unit's row; a claim that started before shares it and is counted."""
    unit, item = make_unit(), published_item()
    store(db, unit, item)
    refused: list[type[Exception]] = []
    is_claiming, may_commit = threading.Event(), threading.Event()

    def claim() -> None:
        with db.transaction(actor=worker(), now=NOW) as tx:
            usecases.claim_item(
                tx,
                item_id=item.item_id,
                kind=ClaimKind.WHOLE,
                quantity=None,
                unit_id=unit.unit_id,
                supporting_unit_ids=[],
                note="",
                actor=worker(),
                now=NOW,
            )
            tx.session.flush()
            is_claiming.set()
            may_commit.wait(5)

    def leave() -> None:
        is_claiming.wait(5)
        try:
            do(db, usecases.leave_alliance, unit_id=unit.unit_id, reason="迁出")
        except UnitHasOpenClaims as refusal:
            refused.append(type(refusal))

    threads = [threading.Thread(target=claim), threading.Thread(target=leave)]
    for thread in threads:
        thread.start()
    is_claiming.wait(5)
    threads[1].join(0.3)
    may_commit.set()
    for thread in threads:
        thread.join(10)

    assert refused == [UnitHasOpenClaims]


def test_a_change_names_the_version_it_was_made_on_and_stays_in_history(db: Database) -> None:
    unit: Unit = do(db, usecases.register_unit, **unit_fields(community_ids=[HUAYUAN]))
    changes = {
        **{name: value for name, value in unit_fields().items() if name != "uscc"},
        "unit_name": "黑河学院",
        "introduction": "",
    }

    do(db, usecases.change_unit, unit_id=unit.unit_id, expected_version=1, **changes)
    with pytest.raises(VersionMismatch):
        do(db, usecases.change_unit, unit_id=unit.unit_id, expected_version=1, **changes)
    with pytest.raises(Invalid):
        do(db, usecases.change_unit, unit_id=unit.unit_id, **changes | {"community_ids": [uuid4()]})

    shown = seen(db, unit.unit_id)
    assert shown["history"][-1]["changes"] == {
        "单位名称": ["黑河供电公司", "黑河学院"],
        "服务社区数": ["1", "2"],
    }
    assert shown["community_names"] == ["花园社区", "兴安社区"]


def test_applications_are_listed_to_the_staff_of_their_communities_only(db: Database) -> None:
    apply(db, community_ids=[XINGAN])

    def names(actor: Actor) -> list[str]:
        asked = {"q": "", "community_id": None, "status": UnitStatus.APPLIED, "cursor": None, "limit": 10}
        with db.reading() as tx:
            return [unit.unit_name for unit in usecases.list_units(tx, **asked, actor=actor)[0]]

    assert names(worker(XINGAN)) == names(city_officer()) == ["黑河供电公司"]
    assert names(worker(HUAYUAN)) == names(ANONYMOUS) == names(liaison(uuid4())) == []


def test_staff_enter_applications_of_their_own_communities_only(db: Database) -> None:
    with pytest.raises(Forbidden):
        do(db, usecases.enter_application, **application(community_ids=[XINGAN]))
    with pytest.raises(UsccInvalid):
        do(db, usecases.enter_application, **application(uscc="5" * 18))
    entered = do(db, usecases.enter_application, **application())

    assert seen(db, entered["unit_id"])["history"][0]["actor_name"] == "王社工"
    assert [name for name, _ in events(db)] == ["unit_applied"]

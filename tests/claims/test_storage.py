"""Every entity survives a round trip, and what is promised under locks holds with two connections."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.chassis import calendar, clocks
from services.chassis import tables as chassis_tables
from services.chassis.db import Database
from services.chassis.ids import new_id
from services.claims import storage, usecases
from services.claims.domain.claim_list import ClaimList
from services.claims.domain.item import Item
from services.claims.storage.tables import items
from services.contracts.base import SYSTEM
from services.contracts.claims.errors import (
    ClaimListAlreadyImported,
    ItemNotFound,
    UnitAlreadyRegistered,
    UnitNotFound,
)
from services.contracts.claims.terms import Category, ClaimKind, ItemStatus, Support
from tests.builders import (
    HUAYUAN,
    HUAYUAN_CODE,
    NOW,
    TODAY,
    XINGAN,
    act_on_claim,
    act_on_item,
    claim,
    community_registered,
    item_in,
    make_item,
    make_poll,
    make_unit,
    publish,
)
from tests.claims.acting import statements, store


def facts(entity: object) -> dict[str, Any]:
    """All fields of an entity and of what belongs to it, without what SQLAlchemy adds."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(part) for part in value]
        return facts(value) if hasattr(type(value), "__dataclass_fields__") else value

    return {name: plain(getattr(entity, name)) for name in type(entity).__dataclass_fields__}  # type: ignore[attr-defined]


def test_the_migrations_make_exactly_the_tables_that_the_code_expects(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        made = [module.metadata for module in (storage, chassis_tables, calendar, clocks)]
        differences = compare_metadata(context, made)  # type: ignore[arg-type]

    assert differences == []


def test_a_community_survives_a_round_trip(db: Database) -> None:
    with db.transaction() as tx:
        community = storage.find_community(tx.session, HUAYUAN)

    assert community is not None
    assert facts(community) == {
        "community_id": HUAYUAN,
        "code": HUAYUAN_CODE,
        "community_name": "花园社区",
        "street": "花园街道",
        "as_of": NOW,
    }


def test_a_unit_survives_a_round_trip(db: Database) -> None:
    unit = make_unit(functions=[Category.CULTURE, Category.WINTER_DUTY], community_ids=[HUAYUAN, XINGAN])
    kept = facts(unit)

    store(db, unit)

    with db.transaction() as tx:
        assert facts(storage.get_unit(tx.session, unit.unit_id)) == kept


@pytest.mark.parametrize("status", ItemStatus)
def test_an_item_survives_a_round_trip_with_all_that_belongs_to_it(db: Database, status: ItemStatus) -> None:
    item = item_in(status)
    item.supports = [Support.PEOPLE, Support.GOODS]
    kept = facts(item)

    store(db, item)

    with db.transaction() as tx:
        assert facts(storage.item_for_update(tx.session, item.item_id)) == kept


def test_a_joint_claim_keeps_its_lead_first(db: Database) -> None:
    units = [make_unit(f"单位{number}", number=number) for number in (3, 1, 2)]
    item = publish(make_item())
    claim(item, units[0], kind=ClaimKind.JOINT, units=units)

    store(db, item)

    with db.transaction() as tx:
        assert storage.item_for_update(tx.session, item.item_id).unit_names == ("单位3", "单位1", "单位2")


def test_a_claim_list_and_its_history_survive_a_round_trip(db: Database) -> None:
    claim_list = ClaimList(
        claim_list_id=new_id(),
        title="2026 年第四季度",
        file_name="清单.xlsx",
        file_hash="a" * 64,
        imported_at=NOW,
        imported_by="王社工",
        imported_by_id="worker-1",
    )
    kept = facts(claim_list)
    with db.transaction() as tx:
        storage.add_claim_list(tx.session, claim_list)
        line = usecases.history.record(
            tx,
            claim_list.claim_list_id,
            "import_claim_list",
            "导入",
            actor=SYSTEM,
            now=NOW,
            changes={"状态": ["", "草稿"]},
        )
        line_kept = facts(line)

    with db.transaction() as tx:
        assert facts(storage.get_claim_list(tx.session, claim_list.claim_list_id)) == kept
        [found] = storage.history_of(tx.session, claim_list.claim_list_id)
        assert facts(found) == line_kept


def test_older_news_of_a_community_changes_nothing(db: Database) -> None:
    newer, older = NOW + timedelta(hours=2), NOW + timedelta(hours=1)
    with db.transaction() as tx:
        for name, occurred_at in (("花园新社区", newer), ("旧名", older)):
            event = community_registered(HUAYUAN, HUAYUAN_CODE, name, occurred_at=occurred_at)
            usecases.keep_community(tx, event)

    with db.transaction() as tx:
        community = storage.find_community(tx.session, HUAYUAN)

    assert community is not None
    assert community.community_name == "花园新社区"


def test_a_code_is_registered_once(db: Database) -> None:
    store(db, make_unit("黑河供电公司"))

    with (
        pytest.raises(UnitAlreadyRegistered, match="已登记为「黑河供电公司」"),
        db.transaction() as tx,
    ):
        storage.add_unit(tx.session, make_unit("冒名公司"))


def test_what_is_not_there_is_said(db: Database) -> None:
    with db.transaction() as tx:
        with pytest.raises(ItemNotFound):
            storage.item_for_update(tx.session, new_id())
        with pytest.raises(UnitNotFound):
            storage.get_unit(tx.session, new_id())
        with pytest.raises(UnitNotFound):
            storage.get_units(tx.session, [new_id()])


def test_the_database_itself_refuses_an_over_claim(db: Database) -> None:
    item = publish(make_item(quantity=3))
    store(db, item)

    with (
        pytest.raises(sa.exc.IntegrityError, match="items_never_over_claimed"),
        db.transaction() as tx,
    ):
        tx.session.execute(sa.update(items).values(claimed_quantity=4))


def test_whoever_comes_second_sees_what_the_first_has_left(db: Database) -> None:
    item = publish(make_item(quantity=3))
    store(db, item)
    seen: list[int] = []

    def second() -> None:
        with db.transaction() as tx:
            seen.append(storage.item_for_update(tx.session, item.item_id).remaining)

    with db.transaction() as tx:
        locked = storage.item_for_update(tx.session, item.item_id)
        waiting = threading.Thread(target=second)
        waiting.start()
        claim(locked, make_unit(), kind=ClaimKind.PARTIAL, quantity=2)
        waiting.join(0.3)
        assert seen == []
    waiting.join()

    assert seen == [1]


def test_fifty_who_take_codes_at_once_get_fifty_codes(db: Database) -> None:
    start = threading.Barrier(50)

    def create(number: int) -> None:
        start.wait()
        with db.transaction() as tx:
            storage.lock_codes(tx.session)
            [code] = storage.take_codes(tx.session, 2026, count=1)
            tx.session.add(make_item(code=code, title=f"事项{number}"))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with db.transaction() as tx:
        codes = list(tx.session.scalars(sa.select(items.c.code).order_by(items.c.code)))
    assert codes == [f"RL-2026-{number:04d}" for number in range(1, 51)]


def test_free_codes_step_over_those_that_were_given(db: Database) -> None:
    store(db, make_item(code="RL-2026-0002"), make_item(code="RL-2026-0004"), make_item(code="RL-2025-0009"))

    with db.transaction() as tx:
        storage.lock_codes(tx.session)
        first = storage.take_codes(tx.session, 2026, count=2, given={"RL-2026-0003"})
    with db.transaction() as tx:
        storage.lock_codes(tx.session)
        then = storage.take_codes(tx.session, 2026, count=1)

    assert (first, then) == (["RL-2026-0001", "RL-2026-0005"], ["RL-2026-0006"])


def test_codes_past_9999_still_come_first_in_the_list(db: Database) -> None:
    store(db, make_item(code="RL-2026-9999"), make_item(code="RL-2026-10000"), make_item(code="RL-2025-0001"))
    wanted = storage.WantedItems(today=TODAY, drafts_of=None)

    with db.transaction() as tx:
        lines = storage.list_item_lines(tx.session, wanted, after=None, limit=10)

    assert [line["code"] for line in lines] == ["RL-2026-10000", "RL-2026-9999", "RL-2025-0001"]


def test_two_who_import_one_file_at_once_import_it_once(db: Database) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def add() -> None:
        claim_list = ClaimList(
            claim_list_id=new_id(),
            title="清单",
            file_name="清单.xlsx",
            file_hash="b" * 64,
            imported_at=NOW,
            imported_by="王社工",
            imported_by_id="worker-1",
        )
        start.wait()
        try:
            with db.transaction() as tx:
                storage.add_claim_list(tx.session, claim_list)
            outcomes.append("imported")
        except ClaimListAlreadyImported as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["claim_list_already_imported", "imported"]


def busy_item(number: int) -> Item:
    """With two claims, milestones, a poll and a score."""
    units = [make_unit(f"单位{number}-{n}", number=number * 10 + n) for n in (1, 2)]
    item = publish(make_item(code=f"RL-2026-{number:04d}", quantity=2))
    for unit in units:
        claimed = claim(item, unit, kind=ClaimKind.PARTIAL, quantity=1)
        for step in ("confirm_claim", "report_milestone", "submit_claim", "verify_claim"):
            act_on_claim(item, claimed, step)
    act_on_item(item, "assess_item")
    item.hear_poll(make_poll(), now=NOW)
    return item


def test_a_page_of_items_is_one_statement_however_long(db: Database) -> None:
    store(db, *(busy_item(number) for number in range(1, 31)))
    wanted = storage.WantedItems(today=TODAY, drafts_of=None)

    with statements(db) as sent, db.reading() as tx:
        lines = storage.list_item_lines(tx.session, wanted, after=None, limit=30)
        assert [len(line["unit_names"]) for line in lines] == [2] * 30

    assert len(sent) == 1


def test_an_item_is_loaded_in_four_statements_however_busy(db: Database) -> None:
    item = busy_item(1)
    store(db, item)

    with statements(db) as sent, db.reading() as tx:
        loaded = storage.find_item(tx.session, item.item_id)
        assert loaded is not None
        assert [milestone.percent for each in loaded.claims for milestone in each.milestones] == [50, 50]

    assert len(sent) == 4

"""A list of very many items: whatever it is narrowed to, its page is read along an index."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from services.chassis.clock import local_today
from services.chassis.db import Database
from services.claims import storage, usecases
from services.claims.storage.tables import claim_lists
from services.contracts.claims.terms import Category, ItemStatus, ServiceClass
from tests import many_items
from tests.builders import community_registered, make_unit

ITEMS = 50_000
TODAY = local_today()


@dataclass(frozen=True)
class LongList:
    db: Database
    community_ids: list[UUID]
    unit_ids: list[UUID]
    claim_list_id: UUID

    def wanted(self, name: str) -> dict[str, Any]:
        """What the list is narrowed to, by the name of the case."""
        community, unit = {"community_id": self.community_ids[3]}, {"unit_id": self.unit_ids[5]}
        status, category = {"status": ItemStatus.IN_PROGRESS}, {"category": Category.CULTURE}
        days = {"due_from_on": TODAY, "due_to_on": TODAY + timedelta(days=7)}
        each: dict[str, dict[str, Any]] = {
            "nothing": {},
            "community": community,
            "category": category,
            "service class": {"service_class": ServiceClass.SOCIAL},
            "status": status,
            "list": {"claim_list_id": self.claim_list_id},
            "unit": unit,
            "days": days,
            "overdue": {"is_overdue": True},
            "common word": {"q": "清雪"},
            "rare word": {"q": "清雪 49990"},
            "code": {"q": "rl-2023-10123"},
            "community and status": {**community, **status},
            "unit and status": {**unit, **status},
            "everything": {**community, **category, **status, **days, "q": "灯"},
        }
        return each[name]


@pytest.fixture(scope="module")
def many(migrated: dict[str, Database]) -> Iterator[LongList]:
    """Filled once for all cases, and emptied by whoever uses the database next."""
    from tests.conftest import empty

    db = migrated["claims"]
    empty(db)
    community_ids = [uuid4() for _ in range(15)]
    with db.transaction() as tx:
        for number, community_id in enumerate(community_ids):
            code = f"2311020030{number:02}"
            usecases.keep_community(tx, community_registered(community_id, code, f"第 {number} 社区"))
        made = [
            make_unit(f"第 {number} 单位", number=number, community_ids=community_ids)
            for number in range(100)
        ]
        tx.session.add_all(made)
        unit_ids = [unit.unit_id for unit in made]
    with db.engine.begin() as connection:
        many_items.fill(connection, items=ITEMS, community_ids=community_ids, unit_ids=unit_ids)
        claim_list_id = connection.execute(sa.select(claim_lists.c.claim_list_id).limit(1)).scalar_one()
    yield LongList(db, community_ids, unit_ids, claim_list_id)
    empty(db)


def plan_of(db: Database, act: Callable[[Any], Any]) -> str:
    """How PostgreSQL means to run the one statement of the act."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    with db.reading() as tx:
        tx.session.execute(sa.text("SELECT 1"))
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            act(tx.session)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        [(statement, parameters)] = seen
        lines = tx.session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "\n".join(lines.scalars())


@pytest.mark.parametrize(
    "name",
    [
        "nothing", "community", "category", "service class", "status", "list", "unit", "days", "overdue",
        "common word", "rare word", "code", "community and status", "unit and status", "everything",
    ],
)  # fmt: skip
@pytest.mark.parametrize("drafts", ["all drafts", "own drafts", "no drafts"])
def test_a_page_is_read_along_an_index(many: LongList, name: str, drafts: str) -> None:
    shown = {"all drafts": None, "own drafts": many.community_ids[3:4], "no drafts": ()}[drafts]
    wanted = storage.WantedItems(today=TODAY, drafts_of=shown, **many.wanted(name))

    plan = plan_of(many.db, lambda session: storage.list_item_lines(session, wanted, after=None, limit=21))

    assert "items" in plan
    assert "Seq Scan on items" not in plan, plan


@pytest.mark.parametrize("word", ["RL-2023-10123", "rl-2023-10123", "2023-10123"])
def test_a_code_is_found_in_letters_of_any_case(many: LongList, word: str) -> None:
    wanted = storage.WantedItems(today=TODAY, drafts_of=None, q=word)

    with many.db.reading() as tx:
        found = storage.list_item_lines(tx.session, wanted, after=None, limit=10)

    assert [line["code"] for line in found] == ["RL-2023-10123"]


@pytest.mark.parametrize(
    ("title", "word"),
    [("LED 路灯更换", "led"), ("led 路灯", "LED"), ("100% 完成", "100%"), ("甲_乙", "甲_乙")],
)
def test_a_word_is_found_in_a_title_as_it_was_typed(many: LongList, title: str, word: str) -> None:
    with many.db.transaction() as tx:
        first = tx.session.execute(sa.text("SELECT min(item_id::text) FROM items")).scalar_one()
        tx.session.execute(
            sa.text("UPDATE items SET title = :title WHERE item_id = :id"), {"title": title, "id": first}
        )

    with many.db.reading() as tx:
        wanted = storage.WantedItems(today=TODAY, drafts_of=None, q=word)
        found = storage.list_item_lines(tx.session, wanted, after=None, limit=10)

    assert [str(line["item_id"]) for line in found] == [first]


def test_pages_follow_each_other_without_a_gap(many: LongList) -> None:
    wanted = storage.WantedItems(today=TODAY, drafts_of=None, **many.wanted("community and status"))
    codes: list[str] = []
    after = None

    with many.db.reading() as tx:
        while lines := storage.list_item_lines(tx.session, wanted, after=after, limit=50):
            codes += [line["code"] for line in lines]
            after = (lines[-1]["code_year"], lines[-1]["code_number"])
        counted = storage.count_items(tx.session, wanted)

    assert len(codes) == len(set(codes)) == counted > 50
    assert codes == sorted(codes, reverse=True)

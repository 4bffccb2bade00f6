"""An import is undone as a whole, while nothing has happened to its items since."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import usecases
from services.claims.storage.tables import claim_lists, imported_items, items
from services.contracts.base import Actor, Forbidden
from services.contracts.claims.errors import ClaimListNotFound, ClaimListNotUndoable, ItemNotInState
from services.contracts.claims.terms import Category
from services.contracts.claims.volunteer_terms import PartyKind
from tests.builders import NOW, TODAY, XINGAN, XINGAN_CODE, cells, city_officer, worker
from tests.claims.acting import do, show
from tests.claims.test_usecases_claim_list import import_rows, publish_list, stored


def undo(db: Database, claim_list: dict[str, Any], *, actor: Actor | None = None) -> dict[str, Any]:
    undone: dict[str, Any] = do(
        db,
        usecases.undo_claim_list,
        actor=actor,
        claim_list_id=claim_list["claim_list_id"],
        reason="文件发错了",
    )
    return undone


def item_id_of(db: Database, code: str) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(sa.select(items.c.item_id).where(items.c.code == code)).scalar_one()


def test_what_the_import_made_goes_and_the_file_may_be_imported_again(db: Database) -> None:
    rows = [cells(code="RL-2026-0001"), cells(code="RL-2026-0002", title="另一项")]
    first = import_rows(db, *rows)

    undone = undo(db, first)

    assert stored(db) == []
    assert (undone["item_count"], undone["undone_by"], undone["undo_reason"]) == (
        0,
        worker().name,
        "文件发错了",
    )
    assert undone["undone_at"] == NOW
    again = import_rows(db, *rows)
    assert again["claim_list_id"] != first["claim_list_id"]
    assert [code for code, _ in stored(db)] == ["RL-2026-0001", "RL-2026-0002"]


def test_what_it_rewrote_is_as_it_was_before(db: Database) -> None:
    before = cells(
        code="RL-2026-0001",
        title="原来的标题",
        category=Category.CULTURE.label,
        supports="资金、人力",
        budget_yuan="1234.56",
        due_on=str(TODAY + timedelta(days=30)),
    )
    import_rows(db, before)
    item_id = item_id_of(db, "RL-2026-0001")
    was = show(db, item_id)
    second = import_rows(
        db, cells(code="RL-2026-0001", title="新标题", budget_yuan="9"), cells(code="RL-2026-0007")
    )

    undo(db, second)

    now = show(db, item_id)
    kept = {name: value for name, value in was.items() if name not in ("history", "version")}
    assert {name: now[name] for name in kept} == kept
    assert now["version"] == was["version"] + 2
    assert [line["act"] for line in now["history"]] == ["create_item", "rewrite_item", "rewrite_item"]
    assert [code for code, _ in stored(db)] == ["RL-2026-0001"]


def test_published_items_that_stood_in_the_file_unchanged_are_left_alone(db: Database) -> None:
    row = cells(code="RL-2026-0001")
    publish_list(db, import_rows(db, row))
    second = import_rows(db, row, cells(code="RL-2026-0002"))

    undo(db, second)

    assert [code for code, _ in stored(db)] == ["RL-2026-0001"]


@pytest.mark.parametrize("happened", ["published", "rewritten"])
def test_an_item_that_was_changed_since_stands_in_the_way_and_nothing_is_undone(
    db: Database, happened: str
) -> None:
    first = import_rows(db, cells(code="RL-2026-0001"), cells(code="RL-2026-0002"))
    if happened == "published":
        publish_list(db, first)
    else:
        import_rows(db, cells(code="RL-2026-0002", title="后来改的"))

    with pytest.raises(ClaimListNotUndoable, match="在导入后已有变动"):
        undo(db, first)

    assert len(stored(db)) == 2
    with db.engine.connect() as connection:
        assert connection.execute(sa.select(claim_lists.c.undone_at)).scalars().all().count(None) >= 1


def test_drafts_that_moved_on_to_a_later_list_go_with_that_one_only(db: Database) -> None:
    row = cells(code="RL-2026-0001")
    first = import_rows(db, row)
    second = import_rows(db, row, cells(code="RL-2026-0002"))

    with pytest.raises(ClaimListNotUndoable, match="在导入后已有变动"):
        undo(db, first)
    undo(db, second)
    undo(db, first)

    assert stored(db) == []


def test_what_stands_on_an_item_keeps_it(db: Database) -> None:
    first = import_rows(db, cells(code="RL-2026-0001"))
    do(
        db,
        usecases.link_party,
        item_id=item_id_of(db, "RL-2026-0001"),
        kind=PartyKind.SOCIAL_WORKER,
        party="社工站",
        unit_id=None,
        volunteer_id=None,
        duty="协助",
        minutes=0,
        money_fen=0,
    )

    with pytest.raises(ClaimListNotUndoable, match="已关联"):
        undo(db, first)

    assert len(stored(db)) == 1


def test_it_is_undone_once_and_then_cannot_be_published(db: Database) -> None:
    first = import_rows(db, cells(code="RL-2026-0001"))
    undo(db, first)

    with pytest.raises(ClaimListNotUndoable, match="已经撤销"):
        undo(db, first)
    with pytest.raises(ItemNotInState):
        publish_list(db, first)


def test_only_staff_of_every_community_on_the_list_undo_it(db: Database) -> None:
    first = import_rows(
        db,
        cells(code="RL-2026-0001"),
        cells(code="RL-2026-0002", community=XINGAN_CODE, grid_code=""),
        actor=city_officer(),
    )

    with pytest.raises(Forbidden, match="其他社区"):
        undo(db, first)
    with pytest.raises(ClaimListNotFound):
        undo(db, {"claim_list_id": XINGAN})

    assert undo(db, first, actor=city_officer())["item_count"] == 0
    with db.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(imported_items)).scalar_one() == 2

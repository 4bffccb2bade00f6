"""Claim lists from files: looked at first, imported as a whole or not at all, then published."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.db import Database
from services.claims import usecases
from services.claims.storage.tables import items
from services.contracts.base import ANONYMOUS, Actor, Forbidden, Invalid, write
from services.contracts.claims import views
from services.contracts.claims.errors import (
    ClaimListAlreadyImported,
    ClaimListInvalid,
    ClaimListNotFound,
    ItemNotInState,
    PartyStudyMissing,
)
from services.contracts.claims.sheet import COLUMNS, cells_of
from services.contracts.claims.terms import ItemStatus, RowOutcome
from tests.builders import (
    HUAYUAN_CODE,
    NOW,
    TODAY,
    TOMORROW,
    XINGAN,
    XINGAN_CODE,
    YESTERDAY,
    cells,
    city_officer,
    make_item,
    publish,
    supervisor,
    worker,
)
from tests.claims.acting import events, statements, store


def sheet(*rows: dict[str, str]) -> list[dict[str, Any]]:
    """Rows as a file has them: the header is row 1."""
    return [{"row_number": number, "cells": row} for number, row in enumerate(rows, 2)]


def preview(db: Database, *rows: dict[str, str], actor: Actor | None = None) -> dict[str, Any]:
    actor = actor or worker()
    with db.reading(actor=actor, now=NOW) as tx:
        return usecases.preview_claim_list(tx, rows=sheet(*rows), actor=actor, now=NOW)


def import_rows(db: Database, *rows: dict[str, str], actor: Actor | None = None) -> dict[str, Any]:
    actor = actor or worker()
    with db.transaction(actor=actor, now=NOW) as tx:
        return usecases.import_claim_list(
            tx,
            rows=sheet(*rows),
            title="2026 年第四季度认领清单",
            file_name="清单.xlsx",
            file_hash=hashlib.sha256(repr(rows).encode()).hexdigest(),
            actor=actor,
            now=NOW,
        )


def publish_list(db: Database, claim_list: dict[str, Any], actor: Actor | None = None, **given: Any) -> int:
    actor = actor or worker()
    fields = {"party_study_on": YESTERDAY, "claim_until_on": TODAY + timedelta(days=7)} | given
    with db.transaction(actor=actor, now=NOW) as tx:
        return usecases.publish_claim_list(
            tx, claim_list_id=claim_list["claim_list_id"], **fields, actor=actor, now=NOW
        )


def stored(db: Database) -> list[tuple[str, str]]:
    with db.engine.connect() as connection:
        rows = connection.execute(sa.select(items.c.code, items.c.title).order_by(items.c.code))
        return [(code, title) for code, title in rows]


def as_seen(db: Database) -> list[dict[str, Any]]:
    """Every item whole but for the list it is on: its version, its history and all that a person wrote."""
    with db.reading(actor=worker(), now=NOW) as tx:
        item_ids = tx.session.scalars(sa.select(items.c.item_id).order_by(items.c.code)).all()
        shown = [usecases.get_item(tx, item_id=one, actor=worker(), now=NOW) for one in item_ids]
        return [write(views.ItemView, one) | {"claim_list_id": None} for one in shown]


def errors_of(shown: dict[str, Any]) -> list[str]:
    return [sentence for row in shown["rows"] for sentence in row.errors]


# ---- looking ------------------------------------------------------------------------------------


def test_a_preview_says_what_each_row_would_do_and_changes_nothing(db: Database) -> None:
    import_rows(db, cells(), cells(title="楼道灯维修"))

    shown = preview(
        db,
        cells(code="RL-2026-0001"),
        cells(code="RL-2026-0002", title="楼道灯更换", budget_yuan="2,000", due_on="2026/12/20"),
        cells(title="新事项"),
        cells(title=""),
    )

    assert [row.outcome for row in shown["rows"]] == [
        RowOutcome.SAME,
        RowOutcome.CHANGED,
        RowOutcome.NEW,
        RowOutcome.WRONG,
    ]
    assert {name: shown[name] for name in RowOutcome} == {"new": 1, "changed": 1, "same": 1, "wrong": 1}
    assert shown["rows"][1].differences == {
        "事项名称": ["楼道灯维修", "楼道灯更换"],
        "预算（元）": ["1200.50", "2000"],
        "办结期限": ["2026-12-08", "2026-12-20"],
    }
    assert stored(db) == [("RL-2026-0001", "冬季清雪"), ("RL-2026-0002", "楼道灯维修")]


def test_every_error_names_its_row_and_column(db: Database) -> None:
    shown = preview(
        db,
        cells(due_on="12月8日"),
        cells(beneficiaries="很多", supports="人力、面子"),
        cells(community="不存在社区"),
        cells(due_on="2026-11-22", grid_code="231102009009001"),
        cells(title="", quantity="0"),
    )

    assert errors_of(shown) == [
        "第2行「办结期限」：日期格式不对，应为 2026-12-08 这样。",
        "第3行「受益人数」：应为整数，如 120。",
        "第3行「所需支持」：没有「面子」这一项，可填：资金、实物、人力、技术。",
        "第4行「社区」：没有「不存在社区」这个社区，请填社区全名或 12 位代码。",
        "第5行「办结期限」：办结期限不能早于今天。",
        f"第5行「网格编码」：前 12 位应为所在社区的代码 {HUAYUAN_CODE}。",
        "第6行「事项名称」：必填。",
        "第6行「数量」：应在 1 与 1000000 之间。",
    ]


def test_a_community_is_known_by_name_or_code(db: Database) -> None:
    shown = preview(
        db, cells(community="花园社区"), cells(community=XINGAN_CODE, grid_code=""), actor=city_officer()
    )

    assert errors_of(shown) == []


def test_a_code_that_occurs_twice_in_the_file_is_wrong_in_both_rows(db: Database) -> None:
    shown = preview(db, cells(code="RL-2026-0007"), cells(), cells(code="RL-2026-0007", title="另一项"))

    assert errors_of(shown) == [
        "第2行「事项编号」：编号 RL-2026-0007 在文件中重复，见第2、4行。",
        "第4行「事项编号」：编号 RL-2026-0007 在文件中重复，见第2、4行。",
    ]


def test_rows_of_other_communities_are_refused_one_by_one(db: Database) -> None:
    store(db, make_item(code="RL-2026-0009", community_id=XINGAN))

    shown = preview(db, cells(community="兴安社区", grid_code=""), cells(), cells(code="RL-2026-0009"))

    assert errors_of(shown) == [
        "第2行「社区」：您没有「兴安社区」的权限。",
        "第4行「事项编号」：编号 RL-2026-0009 已用于其他社区的事项。",
    ]


def test_a_published_item_may_stand_in_the_file_unchanged_only(db: Database) -> None:
    publish_list(db, import_rows(db, cells()))

    shown = preview(db, cells(code="RL-2026-0001", quantity="4", place="别处"))
    same = preview(db, cells(code="RL-2026-0001"))

    assert errors_of(shown) == [
        "第2行「事项编号」：事项 RL-2026-0001 已发布，不能通过导入修改（不同之处：数量、实施地点）。"
    ]
    assert same["rows"][0].outcome is RowOutcome.SAME


def test_an_unchanged_item_past_its_deadline_is_no_error(db: Database) -> None:
    long_ago = TODAY - timedelta(days=60)
    item = make_item(due_on=YESTERDAY)
    publish(item, today=long_ago, party_study_on=long_ago, claim_until_on=long_ago)
    row = cells_of({name: getattr(item, name, "花园社区") for name in (c.attribute for c in COLUMNS)})
    store(db, item)

    [shown] = preview(db, row)["rows"]

    assert (shown.outcome, shown.errors) == (RowOutcome.SAME, [])


@pytest.mark.parametrize("actor", [ANONYMOUS, supervisor()])
def test_only_staff_look_at_lists(db: Database, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        preview(db, cells(), actor=actor)
    with pytest.raises(Forbidden):
        import_rows(db, cells(), actor=actor)


# ---- importing ----------------------------------------------------------------------------------


def test_an_import_creates_drafts_with_given_and_with_next_codes(db: Database) -> None:
    shown = import_rows(db, cells(code="RL-2026-0002", title="甲"), cells(title="乙"), cells(title="丙"))

    assert stored(db) == [("RL-2026-0001", "乙"), ("RL-2026-0002", "甲"), ("RL-2026-0003", "丙")]
    assert (shown["item_count"], shown["draft_count"], shown["imported_by"]) == (3, 3, "王社工")


def test_an_import_with_one_wrong_row_changes_nothing(db: Database) -> None:
    with pytest.raises(ClaimListInvalid, match="没有导入任何一行。第3行「数量」") as refusal:
        import_rows(db, cells(), cells(quantity="三"), cells(title=""))

    assert refusal.value.fields == {
        "rows.3.quantity": ["应为整数，如 120。"],
        "rows.4.title": ["必填。"],
    }
    assert stored(db) == []
    assert import_rows(db, cells())["item_count"] == 1


def test_the_same_file_is_imported_once(db: Database) -> None:
    import_rows(db, cells())

    with pytest.raises(ClaimListAlreadyImported, match="2026 年第四季度认领清单"):
        import_rows(db, cells())

    assert len(stored(db)) == 1


def test_drafts_are_rewritten_by_code_and_move_to_the_newer_list(db: Database) -> None:
    first = import_rows(db, cells(), cells(title="楼道灯维修"))

    second = import_rows(
        db, cells(code="RL-2026-0001"), cells(code="RL-2026-0002", title="楼道灯更换"), cells(title="新")
    )

    assert stored(db) == [
        ("RL-2026-0001", "冬季清雪"),
        ("RL-2026-0002", "楼道灯更换"),
        ("RL-2026-0003", "新"),
    ]
    with db.reading(now=NOW) as tx:
        lists, _ = usecases.list_claim_lists(tx, cursor=None, limit=10, actor=worker())
    assert {each["claim_list_id"]: each["item_count"] for each in lists} == {
        second["claim_list_id"]: 3,
        first["claim_list_id"]: 0,
    }


def test_every_imported_row_leaves_its_history(db: Database) -> None:
    import_rows(db, cells())
    import_rows(db, cells(code="RL-2026-0001", title="清雪除冰"))

    with db.reading(actor=worker(), now=NOW) as tx:
        [line] = usecases.list_items(tx, cursor=None, limit=10, actor=worker(), now=NOW)["items"]
        shown = usecases.get_item(tx, item_id=line["item_id"], actor=worker(), now=NOW)

    assert [(entry["act"], entry["changes"]) for entry in shown["history"]] == [
        ("create_item", {}),
        ("rewrite_item", {"事项名称": ["冬季清雪", "清雪除冰"]}),
    ]
    assert shown["version"] == 2


def test_an_export_can_be_imported_again_without_any_difference(db: Database) -> None:
    import_rows(db, cells(), cells(supports="", budget_yuan="", grid_code="", description=""))
    with db.reading(actor=worker(), now=NOW) as tx:
        exported = usecases.export_items(tx, cursor=None, limit=10, actor=worker(), now=NOW)["items"]

    shown = preview(db, *exported)

    assert [row.outcome for row in shown["rows"]] == [RowOutcome.SAME, RowOutcome.SAME]


def test_importing_an_export_leaves_drafts_and_published_items_as_they_were(db: Database) -> None:
    publish_list(db, import_rows(db, cells(title="楼道灯", supports="资金、技术、人力、实物")))
    import_rows(db, cells(), cells(supports="", budget_yuan="", place="", grid_code="", description=""))
    with db.reading(actor=worker(), now=NOW) as tx:
        exported = usecases.export_items(tx, cursor=None, limit=10, actor=worker(), now=NOW)["items"]
    before, told = as_seen(db), events(db)
    assert {name for row in exported for name, text in row.items() if text} == {one.name for one in COLUMNS}

    import_rows(db, *exported)

    assert as_seen(db) == before
    assert events(db) == told


def test_five_thousand_rows_are_looked_at_with_two_queries(db: Database) -> None:
    import_rows(db, *(cells(title=f"事项{number}") for number in range(20)))
    rows = [cells(code=f"RL-2026-{number:04d}") for number in range(1, 5001)]

    with statements(db) as sent:
        shown = preview(db, *rows)

    assert (shown["changed"], shown["new"]) == (20, 4980)
    assert len(sent) == 2


# ---- publishing ---------------------------------------------------------------------------------


def test_a_list_is_published_as_a_whole(db: Database) -> None:
    claim_list = import_rows(db, cells(), cells(title="楼道灯"))

    assert publish_list(db, claim_list) == 2

    with db.reading() as tx:
        counted = usecases.count_items(tx, actor=ANONYMOUS, now=NOW)
    assert counted["by_status"][ItemStatus.PUBLISHED] == 2
    with pytest.raises(ItemNotInState, match="没有待发布的草稿"):
        publish_list(db, claim_list)


def test_one_item_that_cannot_be_published_keeps_the_whole_list_back(db: Database) -> None:
    claim_list = import_rows(db, cells(), cells(title="急事", due_on=str(TOMORROW)))

    with pytest.raises(Invalid, match="RL-2026-0002 的办结期限 2026-11-24"):
        publish_list(db, claim_list)
    with pytest.raises(PartyStudyMissing):
        publish_list(db, claim_list, party_study_on=TOMORROW)

    with db.reading() as tx:
        assert usecases.count_items(tx, actor=ANONYMOUS, now=NOW)["total"] == 0


def test_a_list_with_items_elsewhere_is_published_by_the_city(db: Database) -> None:
    claim_list = import_rows(db, cells(), cells(community="兴安社区", grid_code=""), actor=city_officer())

    with pytest.raises(Forbidden):
        publish_list(db, claim_list)
    assert publish_list(db, claim_list, city_officer()) == 2


def test_a_list_that_is_not_there_is_not_published(db: Database) -> None:
    with pytest.raises(ClaimListNotFound):
        publish_list(db, {"claim_list_id": XINGAN})


def test_staff_see_the_lists_of_their_communities_page_by_page(db: Database) -> None:
    mine = [import_rows(db, cells(title=f"事项{number}")) for number in range(3)]
    import_rows(db, cells(community="兴安社区", grid_code=""), actor=city_officer())
    with db.reading() as tx:
        first, more = usecases.list_claim_lists(tx, cursor=None, limit=2, actor=worker())
        second, end = usecases.list_claim_lists(tx, cursor=more, limit=2, actor=worker())
        everything, _ = usecases.list_claim_lists(tx, cursor=None, limit=10, actor=city_officer())
        with pytest.raises(Forbidden):
            usecases.list_claim_lists(tx, cursor=None, limit=2, actor=ANONYMOUS)

    seen = [each["claim_list_id"] for each in (*first, *second)]
    assert seen == [each["claim_list_id"] for each in reversed(mine)]
    assert end is None
    assert len(everything) == 4

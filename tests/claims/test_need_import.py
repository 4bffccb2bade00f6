"""Needs out of files: looked at row by row, imported whole or not at all, and each file once."""

from datetime import date
from typing import Any

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import ANONYMOUS, Actor, Forbidden
from services.contracts.claims.errors import NeedsAlreadyImported, NeedsInvalid
from services.contracts.claims.need_terms import NeedSource
from tests.builders import supervisor
from tests.claims.acting import do, event_names
from tests.claims.need_acting import need_cells, order_fields


def sheet(*rows: dict[str, str]) -> list[dict[str, Any]]:
    return [{"row_number": number, "cells": cells} for number, cells in enumerate(rows, start=2)]


def import_rows(db: Database, *rows: dict[str, str], actor: Actor | None = None, nth: str = "a") -> Any:
    return do(
        db,
        usecases.import_needs,
        rows=sheet(*rows),
        file_name="十一月需求.xlsx",
        file_hash=nth * 64,
        actor=actor,
    )


def test_a_preview_of_needs_says_what_is_wrong_row_by_row_and_changes_nothing(db: Database) -> None:
    do(db, usecases.receive_order, **order_fields("HH-0001"))
    preview = do(
        db,
        usecases.preview_needs,
        rows=sheet(
            need_cells(),
            need_cells(order_number="HH-0001"),
            need_cells(community="月亮社区", received_on="2027-01-01"),
            need_cells(description="", category="天文"),
            need_cells(community="兴安社区"),
            need_cells(order_number="HH-0002"),
            need_cells(order_number="HH-0002"),
        ),
    )

    assert [row.errors for row in preview["rows"]] == [
        [],
        [],
        [
            "第4行「社区」：没有「月亮社区」这个社区，请填社区全名或 12 位代码。",
            "第4行「收到日期」：收到日期不能晚于今天。",
        ],
        preview["rows"][3].errors,
        ["第6行「社区」：您没有「兴安社区」的权限。"],
        ["第7行「工单号」：工单号 HH-0002 在文件中重复，见第7、8行。"],
        ["第8行「工单号」：工单号 HH-0002 在文件中重复，见第7、8行。"],
    ]
    assert "".join(preview["rows"][3].errors).startswith("第5行「需求内容」：必填。")
    assert "天文" in "".join(preview["rows"][3].errors)
    assert (preview["new"], preview["known"], preview["wrong"]) == (1, 1, 5)
    assert do(db, usecases.count_needs)["total"] == 1


def test_a_file_of_needs_is_imported_whole_and_once(db: Database) -> None:
    do(db, usecases.receive_order, **order_fields("HH-0001"))

    imported = import_rows(
        db,
        need_cells(received_on="2026-11-20"),
        need_cells(order_number="HH-0001"),
        need_cells(order_number="HH-0003"),
    )

    assert (imported.imported, imported.known) == (2, 1)
    listed = do(db, usecases.list_needs, cursor=None, limit=9)["items"]
    assert [one["source"] for one in listed] == [
        NeedSource.HOTLINE,
        NeedSource.SHEET,
        NeedSource.HOTLINE,
    ]
    assert listed[1]["due_on"] == date(2026, 11, 27)
    assert event_names(db) == ["need_received"] * 3
    with pytest.raises(NeedsAlreadyImported):
        import_rows(db, need_cells())
    assert do(db, usecases.count_needs)["total"] == 3


def test_one_wrong_row_keeps_the_whole_file_out(db: Database) -> None:
    with pytest.raises(NeedsInvalid) as refusal:
        import_rows(db, need_cells(), need_cells(received_on="昨天"))

    assert list(refusal.value.fields) == ["rows.3.received_on"]
    assert do(db, usecases.count_needs)["total"] == 0
    import_rows(db, need_cells(), need_cells())


def test_only_staff_import_needs(db: Database) -> None:
    for actor in (ANONYMOUS, supervisor()):
        with pytest.raises(Forbidden):
            import_rows(db, need_cells(), actor=actor)

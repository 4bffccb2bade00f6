"""The claim list as a sheet: what people and Excel write is read, or refused by column."""

import pytest

from services.contracts.base import Invalid
from services.contracts.claims.sheet import COLUMNS, HEADERS, ClaimListRow
from tests.builders import cells


def test_the_sheet_has_a_column_for_every_field_of_a_row() -> None:
    assert [column.name for column in COLUMNS] == list(ClaimListRow().fields)
    assert HEADERS["budget_yuan"] == "预算（元）"
    assert {column.name for column in COLUMNS if column.is_required} == {
        "community",
        "service_class",
        "category",
        "title",
        "beneficiaries",
        "quantity",
        "measure",
        "due_on",
    }


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-08",
        "2026/12/8",
        "2026.12.8",
        "2026年12月8日",
        "２０２６－１２－０８",
        "20261208",
        "46364",
        "2026-12-08 00:00:00",
    ],
)
def test_dates_are_read_as_people_and_excel_write_them(written: str) -> None:
    assert str(ClaimListRow().load(cells(due_on=written))["due_on"]) == "2026-12-08"


@pytest.mark.parametrize(
    ("written", "fen"),
    [("", 0), ("1200", 120000), ("1,200.5", 120050), ("1200.50元", 120050), ("0.01", 1)],
)
def test_money_is_read_into_fen(written: str, fen: int) -> None:
    assert ClaimListRow().load(cells(budget_yuan=written))["budget_fen"] == fen


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("budget_yuan", "-1"),
        ("budget_yuan", "1.234"),
        ("budget_yuan", "99999999999999"),
        ("quantity", "1.5"),
        ("quantity", "-3"),
        ("code", "RL-2026-1"),
        ("code", "RL-2026-00001"),
        ("grid_code", "12345"),
        ("due_on", "2026-02-30"),
        ("category", "扫雪"),
        ("title", "字" * 101),
        ("title", "坏\x00字"),
    ],
)
def test_what_cannot_be_read_is_refused(column: str, written: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ClaimListRow().load(cells(**{column: written}))

    assert list(refusal.value.fields) == [column]

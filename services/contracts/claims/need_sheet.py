"""Residents' needs as a sheet: the columns for import and template."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from services.contracts.base import Schema
from services.contracts.claims.sheet import Column, SheetDate, SheetTerm, SheetText, labels
from services.contracts.claims.terms import Category


class NeedSheetRow(Schema):
    """The cells of one row; `community` is its name or 12-digit code."""

    community = SheetText(most=100, required=True)
    title = SheetText(most=100, load_default="")
    description = SheetText(most=2000, required=True)
    place = SheetText(most=100, load_default="")
    category = SheetTerm(Category, load_default=None)
    received_on = SheetDate(required=True)
    order_number = SheetText(
        most=40,
        is_narrow=True,
        load_default="",
        form=r"([0-9A-Za-z][0-9A-Za-z-]{3,39})?",
        form_hint="工单号应为 4 至 40 位字母、数字或连字符，没有可留空。",
    )

    @ma.pre_load
    def without_empty_cells(self, cells: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        """An empty cell says nothing, so that required columns are missing and others take their default."""
        return {name: text for name, text in cells.items() if text is not None and str(text).strip()}


class NeedColumn(Column):
    @property
    def is_required(self) -> bool:
        return bool(NeedSheetRow._declared_fields[self.name].required)


def _column(name: str, header: str, *, hint: str, width: int, choices: tuple[str, ...] = ()) -> Column:
    return NeedColumn(header=header, name=name, attribute=name, hint=hint, width=width, choices=choices)


NEED_COLUMNS = (
    _column("community", "社区", hint="社区全名或 12 位代码", width=18),
    _column("received_on", "收到日期", hint="如 2026-11-23，答复期限从这一天起算", width=14),
    _column("title", "标题", hint="不超过 100 字；留空则取内容开头", width=24),
    _column("description", "需求内容", hint="不超过 2000 字；请不要填写姓名、电话和身份证号码", width=60),
    _column("place", "地点", hint="如 3 号楼 2 单元门前", width=20),
    _column(
        "category",
        "类别",
        hint=f"不清楚可留空，或从下列选一项：{labels(Category)}",
        width=14,
        choices=tuple(term.label for term in Category),
    ),
    _column("order_number", "工单号", hint="12345 热线的工单号；同一工单号只登记一次", width=22),
)
NEED_HEADERS = {column.name: column.header for column in NEED_COLUMNS}

"""The claim list as a sheet: one table of columns for import, export and the template.

A row's cells are texts by column name. Reading forgives what people and Excel do to dates and numbers;
writing gives texts that read back to the same values.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from services.contracts.base import Schema, Term, between, no_control_characters
from services.contracts.claims.terms import Category, ServiceClass, Support

EXCEL_EPOCH = date(1899, 12, 30)
DATE_FORM = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]+0{1,2}:00(?::00)?(?:\.0+)?)?")
DATE_HINT = "日期格式不对，应为 2026-12-08 这样。"
WHOLE_FORM = re.compile(r"(\d{1,15})(?:\.0+)?")
MONEY_FORM = re.compile(r"(\d{1,13})(?:\.(\d{1,2})0*)?")
LIST_MARKS = re.compile(r"[、，,;；/\s]+")


class SheetDate(fields.Field[date]):
    """2026-12-08, also 2026/12/8, 2026.12.8, 2026年12月8日, 20261208 and the day number Excel keeps."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        digits = narrow(value)
        try:
            if re.fullmatch(r"[2-9]\d{4}", digits):
                return EXCEL_EPOCH + timedelta(days=int(digits))
            if re.fullmatch(r"\d{8}", digits):
                return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            matched = DATE_FORM.fullmatch(digits)
            if matched is None:
                raise ma.ValidationError(DATE_HINT)
            return date(int(matched[1]), int(matched[2]), int(matched[3]))
        except ValueError as error:
            raise ma.ValidationError("没有这一天，请核对日期。") from error


class SheetWhole(fields.Field[int]):
    """1200, also 1,200 and 1200.0."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        matched = WHOLE_FORM.fullmatch(narrow(value).replace(",", ""))
        if matched is None:
            raise ma.ValidationError("应为整数，如 120。")
        return int(matched[1])


class SheetYuan(fields.Field[int]):
    """Yuan with at most two decimals, read into fen."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        matched = MONEY_FORM.fullmatch(narrow(value).replace(",", "").removesuffix("元"))
        if matched is None:
            raise ma.ValidationError("应为金额（元），最多两位小数，如 1200 或 1200.50。")
        return int(matched[1]) * 100 + int((matched[2] or "").ljust(2, "0"))


class SheetTerm(fields.Field[Term]):
    """A word of a closed vocabulary, as people write it."""

    def __init__(self, terms: type[Term], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.terms = terms

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Term:
        term = self.terms.labelled(str(value).strip())
        if term is None:
            raise ma.ValidationError(f"没有「{value}」这一项，可填：{labels(self.terms)}。")
        return term


class SheetTerms(SheetTerm):
    """Several words of a vocabulary, separated by 、."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        words = [word for word in LIST_MARKS.split(str(value)) if word]
        chosen = {super(SheetTerms, self)._deserialize(word, attr, data) for word in words}
        return [term for term in self.terms if term in chosen]


class SheetText(fields.String):
    """Text of bounded length; digits typed in full width become plain where `is_narrow`."""

    def __init__(self, *, most: int, is_narrow: bool = False, **kwargs: Any) -> None:
        length = validate.Length(max=most, error=f"不能超过 {most} 个字。")
        super().__init__(validate=[length, no_control_characters], **kwargs)
        self.is_narrow = is_narrow

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return narrow(text) if self.is_narrow else text.strip()


class ClaimListRow(Schema):
    """The cells of one row, read into the fields of an item; `community` is its name or 12-digit code."""

    code = SheetText(
        most=20,
        is_narrow=True,
        load_default="",
    )
    community = SheetText(most=100, required=True)
    service_class = SheetTerm(ServiceClass, required=True)
    category = SheetTerm(Category, required=True)
    title = SheetText(most=100, required=True)
    description = SheetText(most=2000, load_default="")
    beneficiaries = SheetWhole(required=True, validate=between(1, 10_000_000))
    quantity = SheetWhole(required=True, validate=between(1, 1_000_000))
    measure = SheetText(most=10, required=True)
    budget_yuan = SheetYuan(attribute="budget_fen", load_default=0, validate=validate.Range(max=10**12))
    supports = SheetTerms(Support, load_default=list)
    place = SheetText(most=100, load_default="")
    grid_code = SheetText(
        most=20,
        is_narrow=True,
        load_default="",
        validate_form=True,
    )
    due_on = SheetDate(required=True)

    @ma.pre_load
    def without_empty_cells(self, cells: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        """An empty cell says nothing, so that required columns are missing and others take their default."""
        return {name: text for name, text in cells.items() if text is not None and str(text).strip()}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its Chinese header, the cell's name, and how an item's value is written there."""

    header: str
    name: str
    attribute: str
    hint: str
    width: int
    write: Callable[[Any], str]
    is_required: bool = False
    choices: tuple[str, ...] = ()

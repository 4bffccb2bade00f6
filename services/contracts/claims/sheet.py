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
DATE_FORM = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]+0{1,2}:00(?::00)?(?:\.0+)?)?"
)
DATE_HINT = "日期格式不对，应为 2026-12-08 这样。"
WHOLE_FORM = re.compile(r"(\d{1,15})(?:\.0+)?")
MONEY_FORM = re.compile(r"(\d{1,13})(?:\.(\d{1,2})0*)?")
LIST_MARKS = re.compile(r"[、，,;；/\s]+")


def narrow(text: Any) -> str:
    """Full-width digits and marks as plain ones; Chinese keyboards produce both."""
    return unicodedata.normalize("NFKC", str(text)).strip()


def labels(terms: type[Term]) -> str:
    return "、".join(term.label for term in terms)


def label_of(terms: type[Term], value: str) -> str:
    return next(term.label for term in terms if term == value)


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
    """Text of bounded length, in a given form if there is one; codes typed in full width become plain."""

    def __init__(
        self, *, most: int, is_narrow: bool = False, form: str = "", form_hint: str = "", **kwargs: Any
    ) -> None:
        rules: list[Any] = [
            validate.Length(max=most, error=f"不能超过 {most} 个字。"),
            no_control_characters,
        ]
        if form:
            rules.append(validate.Regexp(rf"(?:{form})\Z", error=form_hint))
        super().__init__(validate=rules, **kwargs)
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
        form=r"(RL-2\d{3}-(\d{4}|[1-9]\d{4,5}))?",
        form_hint="编号格式不对，应为 RL-2026-0001 这样，或留空自动编号。",
    )
    community = SheetText(most=100, required=True)
    service_class = SheetTerm(ServiceClass, required=True)
    category = SheetTerm(Category, required=True)
    title = SheetText(most=100, required=True)
    description = SheetText(most=2000, load_default="")
    beneficiaries = SheetWhole(required=True, validate=between(1, 10_000_000))
    quantity = SheetWhole(required=True, validate=between(1, 1_000_000))
    measure = SheetText(most=10, required=True)
    budget_yuan = SheetYuan(
        attribute="budget_fen",
        load_default=0,
        validate=validate.Range(max=10**12, error="金额太大。"),
    )
    supports = SheetTerms(Support, load_default=list)
    place = SheetText(most=100, load_default="")
    grid_code = SheetText(
        most=20, is_narrow=True, load_default="", form=r"(\d{15})?", form_hint="网格编码应为 15 位数字。"
    )
    due_on = SheetDate(required=True)

    @ma.pre_load
    def without_empty_cells(self, cells: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        """An empty cell says nothing, so that required columns are missing and others take their default."""
        return {name: text for name, text in cells.items() if text is not None and str(text).strip()}


def yuan(fen: int) -> str:
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its Chinese header, its cell's name, and how an item's value is written there.

    `hint` and `choices` are for the template's notes and drop-down lists; `width` is in characters.
    """

    header: str
    name: str
    attribute: str
    hint: str
    width: int
    write: Callable[[Any], str] = str
    choices: tuple[str, ...] = ()

    @property
    def is_required(self) -> bool:
        return bool(ClaimListRow._declared_fields[self.name].required)


def _term_column(terms: type[Term], *, header: str, name: str, width: int) -> Column:
    return Column(
        header=header,
        name=name,
        attribute=name,
        hint=f"从下列选一项：{labels(terms)}",
        width=width,
        write=lambda value: label_of(terms, value),
        choices=tuple(term.label for term in terms),
    )


COLUMNS = (
    Column(
        header="事项编号",
        name="code",
        attribute="code",
        hint="如 RL-2026-0001；新事项留空，自动编号",
        width=14,
    ),
    Column(
        header="社区",
        name="community",
        attribute="community_name",
        hint="社区全名或 12 位代码",
        width=18,
    ),
    _term_column(ServiceClass, header="服务类型", name="service_class", width=10),
    _term_column(Category, header="事项类别", name="category", width=10),
    Column(header="事项名称", name="title", attribute="title", hint="不超过 100 个字", width=30),
    Column(header="事项描述", name="description", attribute="description", hint="不超过 2000 个字", width=40),
    Column(header="受益人数", name="beneficiaries", attribute="beneficiaries", hint="整数", width=10),
    Column(header="数量", name="quantity", attribute="quantity", hint="整数；可分给几个单位认领", width=8),
    Column(header="计量单位", name="measure", attribute="measure", hint="如 处、户、场次", width=10),
    Column(
        header="预算（元）",
        name="budget_yuan",
        attribute="budget_fen",
        hint="最多两位小数；没有则留空",
        width=12,
        write=yuan,
    ),
    Column(
        header="所需支持",
        name="supports",
        attribute="supports",
        hint=f"可填几项，以、分隔：{labels(Support)}",
        width=16,
        write=lambda values: "、".join(label_of(Support, value) for value in values),
    ),
    Column(header="实施地点", name="place", attribute="place", hint="不超过 100 个字", width=20),
    Column(
        header="网格编码",
        name="grid_code",
        attribute="grid_code",
        hint="15 位数字，前 12 位是社区代码",
        width=18,
    ),
    Column(header="办结期限", name="due_on", attribute="due_on", hint="如 2026-12-08", width=12),
)
HEADERS = {column.name: column.header for column in COLUMNS}


def cells_of(item: Mapping[str, Any]) -> dict[str, str]:
    """An item (as a view or as loaded fields, with `community_name`) as the cells of its row."""
    return {column.name: column.write(item[column.attribute]) for column in COLUMNS}

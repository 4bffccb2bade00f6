"""The sample city's claim list: its items, and a copy of it with the mistakes that offices make."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from deploy.sample.city import communities, labelled, read_source, units
from services.contracts.claims.terms import Category, ItemStatus, ServiceClass, Support

Cell = str | int | date | None


@dataclass(frozen=True, kw_only=True)
class Item:
    """`cells` holds what stands in the file, by column name; the rest is where loading takes the item."""

    cells: dict[str, Cell] = field(hash=False)
    status: ItemStatus = ItemStatus.PUBLISHED
    unit_uscc: str | None = None

    @property
    def code(self) -> str:
        return str(self.cells["code"])

    def but(self, **cells: Cell) -> "Item":
        return replace(self, cells={**self.cells, **cells})


def quarter(today: date) -> str:
    return f"{today.year}年第{'一二三四'[(today.month - 1) // 3]}季度"


def claim_list(today: date) -> list[Item]:
    return list(_items(today))


def _items(today: date) -> Iterator[Item]:
    by_name = {community.community_name: community for community in communities()}
    usccs = {unit.short_name: unit.uscc for unit in units()}
    for number, row in enumerate(read_source("items.csv"), start=1):
        grids = by_name[row["社区"]].grids
        cells: dict[str, Cell] = {
            "code": f"RL-{today.year}-{number:04}",
            "community": row["社区"],
            "service_class": labelled(ServiceClass, row["服务类型"]).label,
            "category": labelled(Category, row["事项类别"]).label,
            "title": row["事项名称"],
            "description": row["事项描述"],
            "beneficiaries": int(row["受益人数"]),
            "quantity": int(row["数量"]),
            "measure": row["计量单位"],
            "budget_yuan": int(row["预算（元）"]) if row["预算（元）"] else None,
            "supports": "、".join(labelled(Support, label).label for label in row["所需支持"].split("、")),
            "place": row["实施地点"],
            "grid_code": grids[number % len(grids)],
            "due_on": _written(today + timedelta(days=int(row["天数"])), number),
        }
        yield Item(
            cells=cells,
            status=labelled(ItemStatus, row["进展"]),
            unit_uscc=usccs[row["认领单位"]] if row["认领单位"] else None,
        )


def _written(day: date, number: int) -> date | str:
    """Most rows hold a true date; people who type a text instead do it in one of these two ways."""
    if number % 7 == 3:
        return f"{day.year}年{day.month}月{day.day}日"
    if number % 7 == 5:
        return f"{day.year}/{day.month}/{day.day}"
    return day


def claim_list_with_errors(today: date) -> list[Item]:
    """The first twenty items; from the fourth to the sixteenth each has one mistake, none the same."""
    items = claim_list(today)[:20]
    mistakes: list[dict[str, Cell]] = [
        {"community": "海兰小区"},
        {"service_class": "便民"},
        {"category": "卫生清扫"},
        {"title": None},
        {"beneficiaries": "约300人"},
        {"quantity": 0},
        {"quantity": "若干"},
        {"measure": None},
        {"budget_yuan": -5000},
        {"supports": "资金、车辆"},
        {"grid_code": str(items[13].cells["grid_code"])[:14]},
        {"due_on": f"{today.year}年13月40日"},
        {"code": items[0].code},
    ]
    wrong = [item.but(**mistake) for item, mistake in zip(items[3:16], mistakes, strict=True)]
    return items[:3] + wrong + items[16:]

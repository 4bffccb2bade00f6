"""What story 1 is about: two items of Hailan, first written with mistakes, and the two units that both want one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deploy.sample.claim_list import Cell, Item
from deploy.sample.generate import REPORTER
from deploy.sample.workbook import claim_list_workbook

COMMUNITY = "海兰社区"
MANAGER = "hailan"
RIVALS = ("wuye", "huanwei")
LIST_TITLE = "海兰社区发展建设服务事项认领清单（补充）"
SNOW = "海兰二道街冰雪集中清运"
HEATING = "居民活动室冬季取暖保障"


@dataclass(frozen=True, kw_only=True)
class Files:
    """The same list as it first came from the office, and as it came back."""

    with_errors: bytes
    good: bytes


def story_files(now: datetime) -> Files:
    """Codes are left empty, so the platform gives new ones; `now` makes every telling a list of its own."""
    today = now.date()
    items = _items(today)
    wrong = [
        items[0].but(community="海兰小区"),
        items[1].but(category="取暖", due_on=f"{today.year}年13月40日"),
    ]
    return Files(with_errors=_workbook(wrong, now), good=_workbook(items, now))


def _items(today: date) -> list[Item]:
    snow: dict[str, Cell] = {
        "code": None,
        "community": COMMUNITY,
        "service_class": "便民利民",
        "category": "冬季除雪",
        "title": SNOW,
        "description": "将二道街沿线 6 处雪堆集中外运，恢复人行道和公交站台通行。",
        "beneficiaries": 560,
        "quantity": 6,
        "measure": "处",
        "budget_yuan": 9600,
        "supports": "人力、资金",
        "place": "海兰二道街",
        "grid_code": "231102003001002",
        "due_on": today + timedelta(days=20),
    }
    heating = {
        **snow,
        "service_class": "福利性",
        "category": "公益帮扶",
        "title": HEATING,
        "description": "更换活动室老化电暖气 4 台，检修线路，保证老年人冬季活动。",
        "beneficiaries": 180,
        "quantity": 4,
        "measure": "台",
        "budget_yuan": 5200,
        "supports": "实物、技术",
        "place": "海兰社区居民活动室",
        "due_on": f"{today.year + 1}年1月15日",
    }
    return [Item(cells=snow), Item(cells=heating)]


def _workbook(items: list[Item], now: datetime) -> bytes:
    return claim_list_workbook(items, title=LIST_TITLE, reported_at=now, reporter=REPORTER)

"""What the dashboard counts, and how a period is written: 2026, 2026-Q4 or 2026-11."""

import calendar
from datetime import date

from marshmallow import fields, validate

from services.contracts.base import Term

PERIOD = r"^20[0-9]{2}(-Q[1-4]|-(0[1-9]|1[0-2]))?\Z"
MONTHS_OF_A_QUARTER = 3


class Figure(Term):
    """Each names the items that a figure counts; the same list stands behind it."""

    PUBLISHED = "published", "发布"
    CLAIMED = "claimed", "已认领"
    DONE = "done", "已办结"
    IN_TIME = "in_time", "按期办结"
    LATE = "late", "逾期办结"
    OVERDUE = "overdue", "逾期未办"
    POLLED = "polled", "有民意测验结果"
    WAITING = "waiting", "待工作人员处理"


def period_field() -> fields.String:
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(PERIOD, error="应为 2026、2026-Q4 或 2026-11 这样的年、季度或月份。"),
    )


def days_of(period: str) -> tuple[date, date]:
    """The first and the last day."""
    year, _, part = period.partition("-")
    if not part:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    last = int(part[1:]) * MONTHS_OF_A_QUARTER if part.startswith("Q") else int(part)
    first = last - MONTHS_OF_A_QUARTER + 1 if part.startswith("Q") else last
    return date(int(year), first, 1), date(int(year), last, calendar.monthrange(int(year), last)[1])


def months_of(period: str) -> list[str]:
    """`2026-Q4` -> 2026-10, 2026-11, 2026-12."""
    first, last = days_of(period)
    return [f"{first.year}-{month:02d}" for month in range(first.month, last.month + 1)]


def words_of(period: str) -> str:
    year, _, part = period.partition("-")
    if not part:
        return f"{year} 年"
    return f"{year} 年第 {part[1:]} 季度" if part.startswith("Q") else f"{year} 年 {int(part)} 月"

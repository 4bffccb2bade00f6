"""Time: aware UTC inside, Asia/Shanghai in front of people."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    return datetime.now(UTC)


def local_date(moment: datetime) -> date:
    """The calendar day that people here write for this moment."""
    return moment.astimezone(LOCAL).date()


def local_today() -> date:
    return local_date(utc_now())

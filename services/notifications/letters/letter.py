"""Filling in the texts."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import jinja2

from services.chassis.clock import LOCAL
from services.notifications.domain.notice import ToldEvent


class Letter(NamedTuple):
    title: str
    body: str


def _day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _moment(value: datetime) -> str:
    local = value.astimezone(LOCAL)
    return f"{_day(local)} {local:%H:%M}"


def _points(value: Decimal) -> str:
    """86.50 as people write it: 86.5; 90.00: 90."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _names(values: Sequence[str]) -> str:
    return "、".join(_one_line(value) for value in values)


def _one_line(text: str) -> str:
    return " ".join(text.split())


_texts = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # plain text; whoever shows it as HTML escapes it there
    trim_blocks=True,
    lstrip_blocks=True,
)
_texts.filters |= {
    "day": _day,
    "moment": _moment,
    "points": _points,
    "names": _names,
    "one_line": _one_line,
}


def compose(event: ToldEvent, *, community_name: str) -> Letter:
    """`community_name` empty: not heard of yet; the letter then says 社区."""
    text = _texts.get_template(f"{event.name()}.txt").render(
        event=event, title=_one_line(event.title), community=_one_line(community_name) or "社区"
    )
    title, _, body = text.partition("\n")
    return Letter(_one_line(title), body.strip())

"""Behind each figure of the dashboard stands a list of exactly as many rows, on the real services."""

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats import big_yuan, yuan
from services.chassis.clock import LOCAL, local_today
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from services.contracts.claims.dashboard_terms import Figure, days_of, months_of, words_of
from services.contracts.claims.terms import ItemStatus
from tests.builders import (
    HUAYUAN,
    NOW,
    TODAY,
    XINGAN,
    XINGAN_CODE,
    act_on_claim,
    act_on_item,
    claim,
    community_registered,
    make_item,
    make_poll,
    make_unit,
    publish,
    worker,
)
from tests.gateway.browsing import Person
from tests.gateway.test_fund_pages import Office, opened

LAST_MONTH = datetime.combine(TODAY.replace(day=1) - timedelta(days=3), datetime.min.time(), LOCAL)
EVERYWHERE = {HUAYUAN, XINGAN}


class Board:
    """The dashboard over items in every state, in two communities and two months, with money and burden."""

    def __init__(self, office: Office) -> None:
        self.office = office
        office.services._tell(community_registered(XINGAN, XINGAN_CODE, "兴安社区"))
        self.unit = make_unit(community_ids=[HUAYUAN, XINGAN])
        self._number = 0
        with self.claims.transaction() as tx:
            tx.session.add(self.unit)
            tx.session.flush()
            for community_id in EVERYWHERE:
                for now in (NOW, LAST_MONTH):
                    tx.session.add_all(self._items(community_id, now))
        self.city = office.person("city", Role.CITY_ADMIN)

    @property
    def claims(self) -> Database:
        found: Database = self.office.services.services["claims"].db
        return found

    def _items(self, community_id: UUID, now: datetime) -> list[Any]:
        steps = ("confirm_claim", "submit_claim", "verify_claim")
        made = [make_item(code=self._code(), community_id=community_id)]
        for done in (None, 0, 2, 3, 3, 3):
            # The draft's own deadline is long past for the late ones.
            item = publish(make_item(code=self._code(), community_id=community_id), now=now)
            made.append(item)
            if done is None:
                continue
            claimed = claim(item, self.unit)
            for step in steps[:done]:
                act_on_claim(item, claimed, step)
        *_, overdue, late, assessed, scored = made
        overdue.due_on = late.due_on = TODAY - timedelta(days=1)
        act_on_item(assessed, "assess_item")
        act_on_item(scored, "assess_item")
        scored.hear_poll(make_poll("80.00", answered=30, satisfaction_percent=Decimal(90)), now=NOW)
        return made

    def _code(self) -> str:
        self._number += 1
        return f"RL-2026-{self._number:04d}"


@pytest.fixture(scope="module")
def board(settings: Config, migrated: dict[str, Database]) -> Board:
    from tests.conftest import empty

    for database in migrated.values():
        empty(database)
    return Board(Office(settings, lambda name: migrated[name]))


def figures_of(page: str) -> dict[str, tuple[str, int]]:
    """figure -> (where it leads, what it says)."""
    found = re.findall(
        r'href="([^"]+)" data-figure="(\w+)">.*?<span class="value[^"]*">([\d,]+)</span>', page
    )
    return {name: (unescape(address), int(shown.replace(",", ""))) for address, name, shown in found}


def total_of(person: Person, address: str) -> int:
    """How many rows the list behind an address has in all."""
    found = re.search(r"共 ([\d,]+) 项", person.page(address))
    return int(found[1].replace(",", "")) if found else 0


PERIODS = ["", f"{TODAY:%Y-%m}", f"{LAST_MONTH:%Y-%m}", f"{TODAY.year}", f"{TODAY.year}-Q4", "2020-01"]


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("community_id", ["", str(HUAYUAN)])
def test_each_figure_leads_to_as_many_items_as_it_says(board: Board, period: str, community_id: str) -> None:
    page = board.city.page(f"/dashboard?period={period}&community_id={community_id}")

    figures = figures_of(page)

    assert set(figures) == set(Figure)
    wrong = {
        name: (shown, rows)
        for name, (address, shown) in figures.items()
        if (rows := total_of(board.city, address)) != shown
    }
    assert wrong == {}


def test_the_figures_count_what_they_are_named_for(board: Board) -> None:
    shown = {name: count for name, (_, count) in figures_of(board.city.page("/dashboard")).items()}

    # Four times (two communities, two months): open, claimed, submitted, late, assessed, scored.
    assert shown == {
        "published": 24,
        "claimed": 20,
        "done": 12,
        "in_time": 8,
        "late": 4,
        "overdue": 4,
        "polled": 4,
        "waiting": 12,
    }


@pytest.mark.parametrize("period", ["", f"{TODAY:%Y-%m}"])
def test_each_number_of_the_tables_leads_to_as_many_items(board: Board, period: str) -> None:
    page = board.city.page(f"/dashboard?period={period}")

    cells = [
        (unescape(address), int(shown))
        for address, shown in re.findall(r'data-label="[^"]+"><a href="(/items[^"]+)">(\d+)</a>', page)
    ]

    assert len(cells) == 4 * len(EVERYWHERE) + len(ItemStatus)
    assert [(address, shown) for address, shown in cells if total_of(board.city, address) != shown] == []


def test_the_pictures_lead_to_as_many_items_as_they_draw(board: Board) -> None:
    page = board.city.page("/dashboard")
    source = re.search(r'id="chart-figures"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert source
    charts = json.loads(source[1])

    drawn = [(one["href"], one["value"]) for one in charts["states"]]
    drawn += [(one["href"], one["claimed"]) for one in charts["communities"]]
    drawn += [(one["done_href"], one["done"]) for one in charts["communities"]]

    assert [(address, value) for address, value in drawn if total_of(board.city, address) != value] == []


def test_money_is_the_sum_of_the_postings_behind_it(board: Board) -> None:
    fund = opened(board.city)
    receipt = {"receipt_number": "PJ-1", "payer_kind": "treasury", "payer_name": "市财政局"}
    received = board.city.send(fund, f"{fund}/receive_money", amount_yuan="36000.50", **receipt)
    assert received.status_code == 303, received.text

    page = board.city.page(f"/dashboard?period={local_today():%Y-%m}")
    found = re.search(
        r'href="(/funds/[^"]+account=income[^"]*)" aria-label="收入 ([\d,.]+) 元，(\d+) 笔"', page
    )
    assert found
    wanted = parse_qs(urlsplit(unescape(found[1])).query)
    path = urlsplit(unescape(found[1])).path
    rows = re.findall(r"<tr\b", board.city.page(unescape(found[1])))

    assert (found[2], found[3]) == ("36,000.50", "1")
    assert wanted["from_on"] == [str(days_of(f"{local_today():%Y-%m}")[0])]
    assert path.endswith("/postings")
    assert len(rows) > 1
    nothing = board.city.page(f"{path}?account=spent")
    assert "这段时间没有账目" in nothing


def test_the_burden_of_a_month_is_that_of_its_meter(board: Board) -> None:
    burden = {
        "community_id": str(HUAYUAN),
        "department": "市某局",
        "title": "台账",
        "kind": "form",
        "quantity": "3",
        "happened_on": str(local_today()),
    }
    board.office.services.call("claims", "record_burden", burden, actor=worker())

    page = board.city.page("/dashboard")
    found = re.search(rf'href="(/burdens/meter\?month={local_today():%Y-%m})">(\d+)</a>', page)
    assert found
    meter = board.city.page(unescape(found[1]))

    # Three forms that nobody admitted count twice.
    assert found[2] == "6"
    assert '<span class="value">6</span>' in meter


def test_money_and_burden_are_shown_to_those_who_may_open_the_rows(board: Board) -> None:
    staff = board.office.person("worker", Role.COMMUNITY_WORKER)
    auditor = board.office.person("auditor", Role.AUDITOR)

    own = staff.page(f"/dashboard?community_id={HUAYUAN}")
    other = staff.page(f"/dashboard?community_id={XINGAN}")

    assert 'id="burdens"' in own
    assert 'id="burdens"' not in other
    assert 'id="money"' not in auditor.page("/dashboard")


def test_a_period_that_is_none_is_refused(board: Board) -> None:
    assert board.city.read("/dashboard?period=2026-13").status_code == 422


@given(st.integers(2000, 2099), st.sampled_from(["", *(f"-Q{n}" for n in range(1, 5)), "-01", "-02", "-12"]))
def test_a_period_is_its_months(year: int, part: str) -> None:
    period = f"{year}{part}"
    first, last = days_of(period)

    months = months_of(period)

    assert days_of(months[0])[0] == first
    assert days_of(months[-1])[1] == last
    assert words_of(period).startswith(f"{year} 年")


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (1_373_000_000_00, "13.73 亿元"),
        (75_000_000, "75 万元"),
        (999_999, "9,999.99 元"),
        (0, "0 元"),
        (-150, "-1.50 元"),
        (None, "--"),
    ],
)
def test_large_sums_are_written_as_people_say_them(fen: int | None, shown: str) -> None:
    assert big_yuan(fen) == shown


def test_a_negative_sum_keeps_its_fen() -> None:
    assert yuan(-150) == "-1.50"

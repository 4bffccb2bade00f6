"""How long a page of a very long list takes, with any filter: 100,000 items, one reader, one request at a time."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import requests
import sqlalchemy as sa

from services.chassis.clock import local_today
from services.contracts.claims.terms import Category, ItemStatus, ServiceClass
from tests import many_items
from tests.bench.claims_city import ClaimsCity
from tests.bench.control import BenchFailed
from tests.bench.timing import percentile

ITEMS = 100_000
LIMIT = 12


class LongList:
    """Every filter of the list, alone and together, by name: what is asked."""

    def __init__(self, city: ClaimsCity) -> None:
        self._base = f"http://127.0.0.1:{city.ground.config.http_port}"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {city.token}"
        engine = sa.create_engine(city.ground.config.database_url("claims"), poolclass=sa.NullPool)
        with engine.begin() as connection:
            communities = connection.execute(sa.text("SELECT community_id FROM communities")).scalars().all()
            units = connection.execute(sa.text("SELECT unit_id FROM units ORDER BY 1")).scalars().all()
            many_items.fill(connection, items=ITEMS, community_ids=communities, unit_ids=units)
            lists = sa.text("SELECT claim_list_id FROM claim_lists LIMIT 1")
            claim_list_id = connection.execute(lists).scalar_one()
        engine.dispose()
        self.filters = filters(community_id=communities[0], unit_id=units[0], claim_list_id=claim_list_id)

    def take(self, wanted: Mapping[str, Any], times: int) -> list[float]:
        """Milliseconds of each request, sorted."""
        spent = []
        for _ in range(times):
            began = time.perf_counter()
            answer = self._session.get(
                f"{self._base}/api/v1/items", params={**wanted, "limit": LIMIT}, timeout=30
            )
            spent.append(1000 * (time.perf_counter() - began))
            if answer.status_code != requests.codes.ok:
                raise BenchFailed(f"清单的应答是 {answer.status_code}：{answer.text[:200]}")
        return sorted(spent)

    def p95(self, wanted: Mapping[str, Any], times: int) -> tuple[float, float]:
        """p50 and p95 in milliseconds."""
        spent = self.take(wanted, times)
        return percentile(spent, 0.5), percentile(spent, 0.95)


def filters(*, community_id: object, unit_id: object, claim_list_id: object) -> dict[str, dict[str, Any]]:
    today = local_today()
    community, status = {"community_id": community_id}, {"status": ItemStatus.IN_PROGRESS.value}
    category = {"category": Category.CULTURE.value}
    days = {"due_from_on": today, "due_to_on": today + timedelta(days=7)}
    late = {"is_overdue": "true"}
    return {
        "全部": {},
        "社区": community,
        "类别": category,
        "服务类型": {"service_class": ServiceClass.SOCIAL.value},
        "状态": status,
        "清单批次": {"claim_list_id": claim_list_id},
        "认领单位": {"unit_id": unit_id},
        "期限": days,
        "逾期": late,
        "常见的词": {"q": "清雪"},
        "罕见的词": {"q": "清雪 99990"},
        "没有的词": {"q": "不存在的事项"},
        "编号": {"q": "RL-2024-10123"},
        "社区、状态": {**community, **status},
        "社区、词": {**community, "q": "清雪"},
        "单位、状态": {"unit_id": unit_id, **status},
        "社区、状态、类别、逾期": {**community, **status, **category, **late},
        "全部条件": {**community, **category, **days, "q": "灯"},
    }

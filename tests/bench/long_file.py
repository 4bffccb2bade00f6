"""How long the largest Excel list takes from handing it in to its preview, row by row."""

import time
from datetime import datetime, timedelta
from itertools import cycle, islice

from deploy.demo.acts import preview_claim_list
from deploy.demo.client import Client
from deploy.sample.city import communities
from deploy.sample.claim_list import claim_list
from deploy.sample.workbook import claim_list_workbook
from gateway.jobs.table_file import MOST_ROWS
from services.chassis.clock import LOCAL, local_today
from tests.bench.claims_city import ClaimsCity
from tests.bench.control import BenchFailed


class LongFile:
    """A workbook of 5,000 new items of the one community that there is."""

    def __init__(self, city: ClaimsCity) -> None:
        self._client = Client(f"http://127.0.0.1:{city.ground.config.http_port}", token=city.token)
        today = local_today()
        community = next(iter(communities()))
        due_on = today + timedelta(days=90)
        items = [
            item.but(
                code=None,
                community=community.community_name,
                grid_code=None,
                title=f"{item.cells['title']} {number}",
                due_on=due_on,
            )
            for number, item in enumerate(islice(cycle(claim_list(today)), MOST_ROWS))
        ]
        self.content = claim_list_workbook(
            items, title="大清单", reported_at=datetime.now(LOCAL), reporter="性能测量"
        )

    def seconds(self) -> float:
        """From handing in to the whole preview in hand."""
        began = time.perf_counter()
        read = preview_claim_list(self._client, "大清单.xlsx", self.content)
        spent = time.perf_counter() - began
        if (found := read["preview"]["new"]) != MOST_ROWS:
            raise BenchFailed(f"预览里有 {found} 行新事项，应为 {MOST_ROWS} 行")
        return spent

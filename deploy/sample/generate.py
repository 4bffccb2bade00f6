"""`python -m deploy.sample.generate`: write the files of the sample city beside this one, or into another folder.

The files in the repository are those of the day REFERENCE_DAY; loading makes them anew for the day it runs on.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from deploy.sample.city import accounts, communities, units
from deploy.sample.claim_list import Item, claim_list, claim_list_with_errors, quarter
from deploy.sample.workbook import claim_list_workbook

REFERENCE_DAY = date(2026, 11, 23)
REPORTER = "黑河市民政局"


def claim_list_title(today: date) -> str:
    return f"黑河市社区发展建设服务事项认领清单（{quarter(today)}）"


def sample_files(today: date) -> dict[str, bytes]:
    return {
        "communities.json": _json(communities()),
        "units.json": _json(units()),
        "accounts.json": _json(accounts()),
        "claim_list.xlsx": _workbook(claim_list(today), today),
        "claim_list_with_errors.xlsx": _workbook(claim_list_with_errors(today), today),
    }


def write_sample_files(folder: Path, today: date) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sample_files(today).items():
        (folder / name).write_bytes(content)


def _workbook(items: list[Item], today: date) -> bytes:
    return claim_list_workbook(
        items, title=claim_list_title(today), reported_at=datetime.combine(today, time(9)), reporter=REPORTER
    )


def _json(records: Iterable[Any]) -> bytes:
    return (json.dumps([asdict(record) for record in records], ensure_ascii=False, indent=1) + "\n").encode()


if __name__ == "__main__":
    write_sample_files(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent, REFERENCE_DAY)

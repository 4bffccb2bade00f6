"""Schemathesis over every operation of the API: whatever is sent, the answer is one that the document promises.

As a program of its own: its pytest plugin does not know pytest 9.2.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.drill import Drill

pytestmark = pytest.mark.fault

SETTINGS = Path(__file__).with_name("schemathesis.toml")
LEFT_OUT = 2  # opening and ending a session


@pytest.fixture
def fuzzed(drill: Drill) -> Iterator[Drill]:
    """Afterwards nobody made up hears of anything any more."""
    known = {one["subscription_id"] for one in drill.admin.each("/subscriptions")}
    yield drill
    for one in drill.admin.each("/subscriptions"):
        if one["subscription_id"] not in known:
            drill.admin.insist("DELETE", f"/subscriptions/{one['subscription_id']}")


def fuzz(drill: Drill, folder: Path, *options: str) -> dict[str, Any]:
    """The run's report; fails with what the program says."""
    report = folder / "report.json"
    address = f"{drill.platform.url}/api/v1/openapi.json"
    done = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "--no-color"),
            *("--config-file", str(SETTINGS), "run", address),
            *("--report-json-path", str(report), *options),
        ],
        cwd=folder,
        env={**os.environ, "GONGZHI_TOKEN": drill.admin.token},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def test_every_answer_is_one_that_the_document_promises(fuzzed: Drill, tmp_path: Path) -> None:
    documented = fuzzed.visitor.get("/openapi.json")["paths"].values()
    operations = sum(method != "parameters" for path in documented for method in path)

    report = fuzz(fuzzed, tmp_path, "--max-examples", "10", "--generation-deterministic")

    assert report["operations"]["tested"] == operations - LEFT_OUT
    assert report["test_cases"]["generated"] > 2000
    assert (report["failures"], report["errors"]) == ([], [])
    fuzzed.until_conserved()


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_every_answer_to_very_many_requests_is_one_that_the_document_promises(
    fuzzed: Drill, tmp_path: Path
) -> None:
    fuzz(fuzzed, tmp_path, "--max-examples", "500", "--phases", "coverage,fuzzing,stateful")

    fuzzed.until_conserved(within=600)

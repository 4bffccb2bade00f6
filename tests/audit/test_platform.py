"""The whole platform: what was done to it stands in five sound chains."""

import json
import os
import subprocess
import sys

from deploy.gongzhi import PROJECT
from tests.chassis.processes import eventually
from tests.platform import Platform


def test_the_chains_of_a_running_platform_verify(platform: Platform) -> None:
    def chains() -> dict[str, dict[str, object]]:
        told = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "deploy.gongzhi", "audit", "verify", "--json"],
            cwd=PROJECT,
            env={**os.environ, **platform.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return {chain["chain"]: chain for chain in json.loads(told.stdout)["chains"]}

    eventually(lambda: chains()["claims"]["last_head"], within=150, every=5)
    found = chains()

    assert sorted(found) == ["claims", "consultation", "gateway", "notifications", "staffing"]
    assert [chain["findings"] for chain in found.values()] == [[]] * 5
    assert found["claims"]["size"]

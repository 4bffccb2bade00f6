"""The real OpenID Connect provider of the tests, as a process."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.gongzhi import PROJECT
from deploy.local import processes

FOLDER = PROJECT / "tests" / "sso" / "provider"
NODE = PROJECT / ".venv" / "bin" / "node"


@contextmanager
def provider_for(gateway: str, log: Path) -> Iterator[str]:
    """The address of a provider that knows this gateway as its client."""
    assert (FOLDER / "node_modules").exists(), "run script/bootstrap tests first"
    port = processes.free_port()
    with log.open("wb") as output:
        running = subprocess.Popen(
            [NODE, FOLDER / "server.mjs", str(port), gateway],
            stdout=subprocess.PIPE,
            stderr=output,
            cwd=FOLDER,
        )
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == b"listening\n", log.read_text()
        yield f"http://localhost:{port}"
    finally:
        running.terminate()
        running.wait(10)
        if running.stdout is not None:
            running.stdout.close()

"""`python -m deploy.local`: start and stop the private servers by hand.

    up   --root var/dev     start both, print the variables:  eval "$(python -m deploy.local up --root var/dev)"
    env  --root var/dev     print the variables again
    down --root var/dev     stop both (add --delete to delete the data)

The default folder uses the default ports. Any other folder gets free ones at first and keeps them.
"""

import argparse
import os
import sys
from pathlib import Path

from deploy.local.errors import LocalServerError
from deploy.local.stack import (
    POSTGRES_PORT,
    RABBITMQ_PORT,
    LocalStack,
    as_shell_lines,
    read_shell_lines,
)

SERVER_ROOT = Path("var/server")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local", description="本机专用的 PostgreSQL 和 RabbitMQ"
    )
    parser.add_argument("act", choices=["up", "env", "down"])
    parser.add_argument("--root", type=Path, default=SERVER_ROOT, help="数据目录（默认 var/server）")
    parser.add_argument("--delete", action="store_true", help="down 时连数据一起删除")
    asked = parser.parse_args()
    try:
        _act(asked.act, asked.root, delete=asked.delete)
    except LocalServerError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    return 0


def _act(act: str, root: Path, *, delete: bool) -> None:
    stack = _stack(root)
    file = stack.root / "env"
    if act == "up":
        stack.start()
        file.touch(mode=0o600)
        file.write_text(as_shell_lines(stack.environment()))
    elif act == "down" and delete:
        stack.remove()
    elif act == "down":
        stack.stop()
    if act in {"up", "env"}:
        if not file.exists():
            raise LocalServerError(
                f"{root} 还没有启动过 (never started)：python -m deploy.local up --root {root}"
            )
        print(file.read_text(), end="")


def _stack(root: Path) -> LocalStack:
    file = root / "env"
    if file.exists():
        known = read_shell_lines(file)
        return LocalStack(root, int(known["GONGZHI_POSTGRES_PORT"]), int(known["GONGZHI_RABBITMQ_PORT"]))
    if root.absolute() == SERVER_ROOT.absolute():
        return LocalStack(
            root,
            int(os.environ.get("GONGZHI_POSTGRES_PORT", POSTGRES_PORT)),
            int(os.environ.get("GONGZHI_RABBITMQ_PORT", RABBITMQ_PORT)),
        )
    return LocalStack.on_free_ports(root)


if __name__ == "__main__":
    sys.exit(main())

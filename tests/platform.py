"""The whole platform for tests: every process, the sample city, and stand-ins for group robot and mail server."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import requests

from deploy.demo.robot import Robot
from deploy.local import processes, supervisor
from deploy.local.rabbitmq import DISTRIBUTION, PORT_MAPPER
from deploy.local.server import Server
from tests.notifications.servers import Mailbox, mail_server


class Platform:
    """`url`, the passwords of the sample `accounts`, what the robot (`wecom`) and all `mailboxes` received."""

    def __init__(self, root: Path, variables: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.wecom = Robot()
        self.mailboxes = Mailbox()
        self._outside = ExitStack()
        self._variables = dict(variables or {})
        self.server: Server | None = None

    def start(self) -> None:
        self._outside.enter_context(self.wecom)
        self.mailboxes = self._outside.enter_context(mail_server())
        http_port = processes.free_port()
        variables = {
            "GONGZHI_POSTGRES_PORT": str(processes.free_port()),
            "GONGZHI_RABBITMQ_PORT": str(processes.free_port(DISTRIBUTION, PORT_MAPPER)),
            "GONGZHI_HTTP_PORT": str(http_port),
            "GONGZHI_OPS_PORT": str(processes.free_port(1, 2, 3, 4, 5)),
            "GONGZHI_WECOM_URL": self.wecom.url,
            "GONGZHI_SMTP_URL": self.mailboxes.url,
            "GONGZHI_STATE_DIR": str(self.root),
            "GONGZHI_RETRY_SECONDS": "0.5,1,2,5",
            # One person of the tests does the work of thousands.
            **{
                f"GONGZHI_LIMIT_{name}": "off"
                for name in ("READ", "WRITE", "SIGN_IN", "PUBLIC_FORM", "EXPORT")
            },
            **self._variables,
        }
        # Tests that kill processes do not want to wait ever longer for them.
        self.server = Server(self.root, variables, echo=False, longest_pause=supervisor.FIRST_PAUSE)
        self.server.start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server.stack.remove()
        self._outside.close()

    @property
    def running(self) -> Server:
        assert self.server is not None, "start() comes first"
        return self.server

    @property
    def url(self) -> str:
        return self.running.address

    @property
    def accounts(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.root / "accounts.json").read_text(encoding="utf-8"))
        return found

    @property
    def environment(self) -> dict[str, str]:
        return self.running.environment

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=10)

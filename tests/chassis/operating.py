"""The `gongzhi` command as an operator types it, pointed at the court."""

import json
from dataclasses import dataclass
from typing import Any

import click
import pytest
from click.testing import CliRunner

from deploy.gongzhi import _hearers
from tests.chassis.court import Court


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        return json.loads(self.output)


class Operator:
    def __init__(self, court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in court.variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("COLUMNS", "200")
        # The command knows the services by their folders, and the court has none.
        monkeypatch.setattr(_hearers, "service_names", lambda: ["ping", "pong"])

    def types(self, command: click.Command, *arguments: object) -> Outcome:
        done = CliRunner().invoke(command, [str(argument) for argument in arguments])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Outcome(done.exit_code, done.stdout, done.stderr)

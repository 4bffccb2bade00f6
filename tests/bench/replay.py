"""Sending a recorded transaction again and again, each time about something else, with bare psycopg2."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg2.extensions

from tests.bench.recorder import Statement


class Replay:
    """`fresh` are the ids that must differ each time; wherever they stand, new ones take their place."""

    def __init__(self, statements: Sequence[Statement], *, fresh: Sequence[str]) -> None:
        self._fresh = fresh
        self._statements = [(each, self._holds_fresh(each.parameters)) for each in statements]

    def send(self, connection: psycopg2.extensions.connection, known: Mapping[str, str]) -> None:
        """One transaction; `known` gives the new values of some of the ids, by the old ones."""
        ids = {old: known.get(old) or str(uuid4()) for old in self._fresh}
        with connection.cursor() as cursor:
            for statement, changes in self._statements:
                cursor.execute(
                    statement.text, _renewed(statement.parameters, ids) if changes else statement.parameters
                )
                if cursor.description:
                    cursor.fetchall()
        connection.commit()

    def _holds_fresh(self, parameters: Any) -> bool:
        return bool(_renewed(parameters, dict.fromkeys(self._fresh, str(UUID(int=0)))) != parameters)


def _renewed(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, UUID):
        new = ids.get(str(value))
        return UUID(new) if new else value
    if isinstance(value, str):
        for old, new in ids.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, bytes):
        for old, new in ids.items():
            value = value.replace(old.encode(), new.encode())
        return value
    if isinstance(value, Mapping):
        return {name: _renewed(part, ids) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_renewed(part, ids) for part in value)
    return value

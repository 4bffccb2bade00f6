"""What a service really sends to its database: its statements and parameters, as the driver gets them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class Statement:
    """`parameters` as psycopg2 takes them: a mapping, a sequence, or None."""

    text: str
    parameters: Any


@contextmanager
def recorded(engine: sa.Engine) -> Iterator[list[Statement]]:
    """Collects every statement sent through this engine; BEGIN and COMMIT are the driver's own."""
    statements: list[Statement] = []

    def collect(
        _connection: Any, _cursor: Any, text: str, parameters: Any, _context: Any, executemany: bool
    ) -> None:
        for each in parameters if executemany else [parameters]:
            statements.append(Statement(text, each or None))

    sa.event.listen(engine, "before_cursor_execute", collect)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", collect)

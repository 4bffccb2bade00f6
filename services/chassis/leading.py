"""Work that one process of a service does for all of them, and another takes over when it is gone.

Whoever leads holds a PostgreSQL advisory lock on the very connection with which it works,
so one that lost its lock cannot write any more either.
"""

import random
import time
import zlib
from abc import ABC, abstractmethod

import sqlalchemy as sa

from services.chassis.db import Database, connect_args
from services.chassis.logs import get_logger

log = get_logger(__name__)


class Leading(ABC):
    """Runs for ever in each process; who does not lead asks again every `ask_seconds` or a little sooner."""

    def __init__(self, database: Database, purpose: str, *, ask_seconds: float) -> None:
        self.service = database.service
        self.engine = sa.create_engine(
            database.url, poolclass=sa.NullPool, connect_args=connect_args(f"{self.service}-{purpose}")
        )
        self.is_stopping = False
        self._purpose = purpose
        self._ask_seconds = ask_seconds
        self._lock_key = zlib.crc32(f"{purpose}:{self.service}".encode())

    def run(self) -> None:
        while not self.is_stopping:
            try:
                with self.engine.connect() as connection:
                    if self._try_to_lead(connection):
                        self.lead(connection)
            except (sa.exc.SQLAlchemyError, OSError) as error:
                log.warning("leader lost its database", purpose=self._purpose, error=repr(error)[:200])
            except Exception:
                # One that ended would leave undone whatever comes later.
                log.exception("leader starts afresh", purpose=self._purpose)
            finally:
                self.step_down()
            self.pause(random.uniform(0.5, 1) * self._ask_seconds)

    @abstractmethod
    def lead(self, connection: sa.Connection) -> None:
        """The work, until `is_stopping` or an error; nobody else does it meanwhile."""

    def step_down(self) -> None:  # noqa: B027  most have nothing to put down
        """After each attempt, also one that never led."""

    def stop(self) -> None:
        self.is_stopping = True

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.is_stopping and time.monotonic() < until:
            time.sleep(min(0.1, seconds))

    def _try_to_lead(self, connection: sa.Connection) -> bool:
        leads = connection.execute(sa.select(sa.func.pg_try_advisory_lock(self._lock_key))).scalar_one()
        connection.commit()
        return bool(leads)

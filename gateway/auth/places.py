"""The gateway's copy of staffing's communities, so that a right in a street reaches the communities it has.

The feed tells of changes as they pass and greets after every lost connection; the whole list is read
again each time, and after a failure with the next sign of life.
"""

from gateway.calls import Services
from gateway.live import Feed
from gateway.storage import grants
from services.chassis.db import Database
from services.chassis.logs import get_logger
from services.contracts.base import ANONYMOUS, Unavailable

NEWS = frozenset({"hello", "community_registered", "community_changed"})
log = get_logger(__name__)


class Places:
    """`timeout`: seconds that staffing has to answer."""

    def __init__(self, database: Database, services: Services, *, timeout: float) -> None:
        self._database = database
        self._services = services
        self._timeout = timeout

    def refresh(self) -> None:
        """Raises `Unavailable` when staffing or the database is away."""
        listed = self._services.call(
            "staffing",
            "list_communities",
            {},
            actor=ANONYMOUS,
            idempotency_key=None,
            address="",
            request_id="",
            traceparent="",
            timeout=self._timeout,
        )
        with self._database.transaction() as tx:
            grants.keep_communities(tx.session, listed["items"])

    def follow(self, feed: Feed) -> None:
        """For ever; in a thread of its own."""
        is_stale = True
        for name, _ in feed.subscribe():
            is_stale = is_stale or name in NEWS
            if is_stale:
                try:
                    self.refresh()
                    is_stale = False
                except Unavailable as away:
                    log.warning("communities wait", reason=away.message)
                except Exception:  # following goes on
                    log.exception("communities could not be kept")

"""How notifications keeps what it owns: tables, their mapping and functions that take a session."""

from services.notifications.storage.tables import metadata

__all__ = ["metadata"]

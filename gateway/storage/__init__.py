"""The gateway's tables and queries; a module per noun."""

from gateway.storage.tables import metadata

__all__ = ["metadata"]

"""Identifiers: UUIDv7, which sort roughly by time and therefore index well."""

from uuid import UUID

import uuid6


def new_id() -> UUID:
    return UUID(int=uuid6.uuid7().int)

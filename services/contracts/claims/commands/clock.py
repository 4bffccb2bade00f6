"""Asking for the clocks that run."""

from marshmallow import fields

from services.contracts.base import Flag, Page, Schema
from services.contracts.claims.clock_terms import ClockKind
from services.contracts.clocks import ClockStage


class ClockFilter(Schema):
    community_id = fields.UUID(load_default=None, allow_none=True)
    kind = fields.Enum(ClockKind, by_value=True, load_default=None, allow_none=True)
    stage = fields.Enum(ClockStage, by_value=True, load_default=None, allow_none=True)
    is_late = Flag(load_default=False)


class ListClocks(ClockFilter, Page):
    """What waits for the actor's communities or unit, the most urgent first."""


class CountClocks(ClockFilter):
    """How many wait, by kind and by stage."""

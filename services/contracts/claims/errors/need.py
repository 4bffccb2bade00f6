"""Refusals about residents' needs."""

from services.contracts.base import Conflict, Invalid, NotFound


class NeedsInvalid(Invalid): ...


class NeedNotFound(NotFound): ...


class NeedNotInState(Conflict): ...


class NeedsAlreadyImported(Conflict): ...


class OrderElsewhere(Conflict): ...

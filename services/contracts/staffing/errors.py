"""How staffing refuses.

NotFound ── CommunityNotFound
Conflict ── CommunityAlreadyRegistered
"""

from services.contracts.base import Conflict, NotFound


class CommunityNotFound(NotFound): ...


class CommunityAlreadyRegistered(Conflict): ...

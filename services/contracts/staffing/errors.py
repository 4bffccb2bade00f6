"""How staffing refuses.

NotFound
├── CommunityNotFound
└── WorkerNotFound
Conflict ── CommunityAlreadyRegistered
"""

from services.contracts.base import Conflict, NotFound


class CommunityNotFound(NotFound): ...


class WorkerNotFound(NotFound): ...


class CommunityAlreadyRegistered(Conflict): ...

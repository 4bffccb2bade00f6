"""How consultation refuses.

Invalid
├── IdentityNumberInvalid         no such number can exist (GB 11643)
├── TooYoungForRoll               the roll begins at 18 years
├── CodeMistyped                  the check character of a short code does not fit
└── GridNotInCommunity            the grid's code does not begin with the community's
Forbidden ── LinkInvalid          the personal link was not signed here, or not for this poll
NotFound
├── PollNotFound
├── CodeNotFound                  no open poll has such a short code
├── ResidentNotFound
└── CommunityNotKnown             staffing's news of it has not arrived, or there is none
Conflict
├── PollClosedAlready
├── AlreadyOnRoll                 somebody else on the roll has this identity number
└── AlreadyAnswered               one sampled resident, one answer
"""

from services.contracts.base import Conflict, Forbidden, Invalid, NotFound


class IdentityNumberInvalid(Invalid): ...


class TooYoungForRoll(Invalid): ...


class GridNotInCommunity(Invalid): ...


class CodeMistyped(Invalid): ...


class LinkInvalid(Forbidden): ...


class PollNotFound(NotFound): ...


class CodeNotFound(NotFound): ...


class ResidentNotFound(NotFound): ...


class CommunityNotKnown(NotFound): ...


class PollClosedAlready(Conflict): ...


class AlreadyOnRoll(Conflict): ...


class AlreadyAnswered(Conflict): ...

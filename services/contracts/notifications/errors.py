"""How notifications refuses.

Invalid
└── AddressInvalid
Forbidden
└── WithdrawalLinkInvalid    not signed here
NotFound
├── NoticeNotFound
├── DeliveryNotFound
└── SubscriptionNotFound
Conflict
├── DeliveryNotResendable
└── AlreadySubscribed
"""

from services.contracts.base import Conflict, Forbidden, Invalid, NotFound


class AddressInvalid(Invalid): ...


class WithdrawalLinkInvalid(Forbidden): ...


class NoticeNotFound(NotFound): ...


class DeliveryNotFound(NotFound): ...


class SubscriptionNotFound(NotFound): ...


class DeliveryNotResendable(Conflict): ...


class AlreadySubscribed(Conflict): ...

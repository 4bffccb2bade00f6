"""How notifications refuses.

Invalid
└── AddressInvalid
NotFound
├── NoticeNotFound
├── DeliveryNotFound
└── SubscriptionNotFound
Conflict
├── DeliveryNotResendable
└── AlreadySubscribed
"""

from services.contracts.base import Conflict, Invalid, NotFound


class AddressInvalid(Invalid): ...


class NoticeNotFound(NotFound): ...


class DeliveryNotFound(NotFound): ...


class SubscriptionNotFound(NotFound): ...


class DeliveryNotResendable(Conflict): ...


class AlreadySubscribed(Conflict): ...

"""What notifications does; one function is one transaction, except where it says why not (sending)."""

from services.notifications.usecases.community import hear_of_community
from services.notifications.usecases.delivery import list_deliveries, resend_delivery
from services.notifications.usecases.notice import get_notice, list_notices, tell
from services.notifications.usecases.sending import find_lost_deliveries, send_due_deliveries
from services.notifications.usecases.subscription import (
    add_subscription,
    list_subscriptions,
    remove_subscription,
)

__all__ = [
    "add_subscription",
    "find_lost_deliveries",
    "get_notice",
    "hear_of_community",
    "list_deliveries",
    "list_notices",
    "list_subscriptions",
    "remove_subscription",
    "resend_delivery",
    "send_due_deliveries",
    "tell",
]

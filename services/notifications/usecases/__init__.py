"""What notifications does; one function is one transaction, except where it says why not (sending)."""

from services.notifications.usecases.community import hear_of_community
from services.notifications.usecases.delivery import list_deliveries, resend_delivery
from services.notifications.usecases.notice import get_notice, list_notices, tell
from services.notifications.usecases.personal import (
    correct_personal,
    erase_personal,
    forget_old_recipients,
    gather_personal,
    show_consent,
    withdraw_consent,
)
from services.notifications.usecases.sending import find_lost_deliveries, send_due_deliveries
from services.notifications.usecases.subscription import (
    add_subscription,
    list_subscriptions,
    remove_subscription,
    unmask,
)

__all__ = [
    "add_subscription",
    "correct_personal",
    "erase_personal",
    "find_lost_deliveries",
    "forget_old_recipients",
    "gather_personal",
    "get_notice",
    "hear_of_community",
    "list_deliveries",
    "list_notices",
    "list_subscriptions",
    "remove_subscription",
    "resend_delivery",
    "send_due_deliveries",
    "show_consent",
    "tell",
    "unmask",
    "withdraw_consent",
]

"""What consultation does; one function is one transaction, a file per noun."""

from services.consultation.usecases.community import hear_of_community
from services.consultation.usecases.invitation import (
    Ballot,
    answer_poll,
    code_for,
    list_invitations,
    open_code,
    open_invitation,
)
from services.consultation.usecases.personal import correct_personal, erase_personal, gather_personal
from services.consultation.usecases.poll import (
    SeenPoll,
    close_next_due_poll,
    close_poll,
    get_poll,
    list_polls,
    open_poll,
)
from services.consultation.usecases.resident import (
    count_residents,
    import_residents,
    list_residents,
    unmask,
)

__all__ = [
    "Ballot",
    "SeenPoll",
    "answer_poll",
    "close_next_due_poll",
    "close_poll",
    "code_for",
    "correct_personal",
    "count_residents",
    "erase_personal",
    "gather_personal",
    "get_poll",
    "hear_of_community",
    "import_residents",
    "list_invitations",
    "list_polls",
    "list_residents",
    "open_code",
    "open_invitation",
    "open_poll",
    "unmask",
]

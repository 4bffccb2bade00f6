"""Tables, mapping and queries of consultation, a file per noun."""

from services.consultation.storage.community import find_communities, find_community, upsert_community
from services.consultation.storage.invitation import (
    add_answer,
    add_invitations,
    count_answered,
    draw_in_answers,
    is_invitation_answered,
    list_invitations,
    mark_answered,
)
from services.consultation.storage.poll import (
    add_poll,
    due_poll_for_update,
    get_poll,
    is_taking_answers,
    list_polls,
    poll_for_update,
)
from services.consultation.storage.registry import metadata, registry
from services.consultation.storage.resident import (
    add_residents,
    count_residents,
    eligible_resident_ids,
    identity_number_of,
    sort_key,
)

__all__ = [
    "add_answer",
    "add_invitations",
    "add_poll",
    "add_residents",
    "count_answered",
    "count_residents",
    "draw_in_answers",
    "due_poll_for_update",
    "eligible_resident_ids",
    "find_communities",
    "find_community",
    "get_poll",
    "identity_number_of",
    "is_invitation_answered",
    "is_taking_answers",
    "list_invitations",
    "list_polls",
    "mark_answered",
    "metadata",
    "poll_for_update",
    "registry",
    "sort_key",
    "upsert_community",
]

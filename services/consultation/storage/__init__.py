"""Tables, mapping and queries of consultation, a file per noun."""

from services.consultation.storage.community import find_communities, find_community, upsert_community
from services.consultation.storage.invitation import (
    add_answer,
    add_invitations,
    code_of,
    count_answered,
    count_invitations,
    draw_in_answers,
    find_link_of_code,
    is_asked_now,
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
    erase_resident,
    get_resident,
    hash_of,
    list_residents,
    save_person,
)

__all__ = [
    "add_answer",
    "add_invitations",
    "add_poll",
    "add_residents",
    "code_of",
    "count_answered",
    "count_invitations",
    "count_residents",
    "draw_in_answers",
    "due_poll_for_update",
    "eligible_resident_ids",
    "erase_resident",
    "find_communities",
    "find_community",
    "find_link_of_code",
    "get_poll",
    "get_resident",
    "hash_of",
    "is_asked_now",
    "is_invitation_answered",
    "is_taking_answers",
    "list_invitations",
    "list_polls",
    "list_residents",
    "mark_answered",
    "metadata",
    "poll_for_update",
    "registry",
    "save_person",
    "upsert_community",
]

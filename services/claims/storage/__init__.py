"""What claims keeps and finds again: functions that take a session, and the tables below them."""

from services.claims.storage import mapping  # noqa: F401  joins the domain to the tables
from services.claims.storage.claim_list import add_claim_list, get_claim_list, list_claim_lists
from services.claims.storage.community import (
    find_community,
    keep_community,
    known_communities,
    list_communities,
)
from services.claims.storage.dashboard import count_waiting_for_staff, sums_by_community_and_status
from services.claims.storage.history import history_of
from services.claims.storage.item import (
    WantedItems,
    count_by_status,
    count_items,
    drafts_of_list_for_update,
    find_item,
    find_taken_item,
    item_for_update,
    items_by_code,
    list_item_lines,
    lock_codes,
    open_item_for_update,
    take_codes,
)
from services.claims.storage.suggestion import candidates_of
from services.claims.storage.tables import metadata
from services.claims.storage.unit import add_unit, find_unit, get_unit, get_units, list_units

__all__ = [
    "WantedItems",
    "add_claim_list",
    "add_unit",
    "candidates_of",
    "count_by_status",
    "count_items",
    "count_waiting_for_staff",
    "drafts_of_list_for_update",
    "find_community",
    "find_item",
    "find_taken_item",
    "find_unit",
    "get_claim_list",
    "get_unit",
    "get_units",
    "history_of",
    "item_for_update",
    "items_by_code",
    "keep_community",
    "known_communities",
    "list_claim_lists",
    "list_communities",
    "list_item_lines",
    "list_units",
    "lock_codes",
    "metadata",
    "open_item_for_update",
    "sums_by_community_and_status",
    "take_codes",
]

"""What claims does: each function is one act in one transaction; a file per noun."""

from services.claims.usecases.claim import (
    claim_item,
    confirm_claim,
    release_claim,
    report_milestone,
    send_back_claim,
    submit_claim,
    verify_claim,
)
from services.claims.usecases.claim_list import (
    import_claim_list,
    list_claim_lists,
    preview_claim_list,
    publish_claim_list,
)
from services.claims.usecases.clock import count_clocks, list_clocks, turn_clocks
from services.claims.usecases.community import keep_community
from services.claims.usecases.dashboard import get_dashboard
from services.claims.usecases.item import (
    count_items,
    create_item,
    export_items,
    get_item,
    list_items,
    publish_item,
    show_item,
)
from services.claims.usecases.outcome import (
    answer_objection,
    check_rectification,
    raise_objection,
    report_rectification,
    revoke_commendation,
)
from services.claims.usecases.score import assess_item, commend_item, hear_poll
from services.claims.usecases.suggestion import suggest_units
from services.claims.usecases.unit import get_unit, list_units, register_unit

__all__ = [
    "answer_objection",
    "assess_item",
    "check_rectification",
    "claim_item",
    "commend_item",
    "confirm_claim",
    "count_clocks",
    "count_items",
    "create_item",
    "export_items",
    "get_dashboard",
    "get_item",
    "get_unit",
    "hear_poll",
    "import_claim_list",
    "keep_community",
    "list_claim_lists",
    "list_clocks",
    "list_items",
    "list_units",
    "preview_claim_list",
    "publish_claim_list",
    "publish_item",
    "raise_objection",
    "register_unit",
    "release_claim",
    "report_milestone",
    "report_rectification",
    "revoke_commendation",
    "send_back_claim",
    "show_item",
    "submit_claim",
    "suggest_units",
    "turn_clocks",
    "verify_claim",
]

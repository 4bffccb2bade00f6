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
from services.claims.usecases.need import (
    count_needs,
    follow_need,
    get_need,
    list_needs,
    receive_order,
    register_need,
    show_need,
    submit_need,
)
from services.claims.usecases.need_acts import (
    answer_need,
    decline_need,
    merge_need,
    refer_need,
    triage_need,
    turn_need_into_item,
    turn_need_into_matter,
)
from services.claims.usecases.need_import import import_needs, preview_needs
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
    "answer_need",
    "answer_objection",
    "assess_item",
    "check_rectification",
    "claim_item",
    "commend_item",
    "confirm_claim",
    "count_clocks",
    "count_items",
    "count_needs",
    "create_item",
    "decline_need",
    "export_items",
    "follow_need",
    "get_dashboard",
    "get_item",
    "get_need",
    "get_unit",
    "hear_poll",
    "import_claim_list",
    "import_needs",
    "keep_community",
    "list_claim_lists",
    "list_clocks",
    "list_items",
    "list_needs",
    "list_units",
    "merge_need",
    "preview_claim_list",
    "preview_needs",
    "publish_claim_list",
    "publish_item",
    "raise_objection",
    "receive_order",
    "refer_need",
    "register_need",
    "register_unit",
    "release_claim",
    "report_milestone",
    "report_rectification",
    "revoke_commendation",
    "send_back_claim",
    "show_item",
    "show_need",
    "submit_claim",
    "submit_need",
    "suggest_units",
    "triage_need",
    "turn_clocks",
    "turn_need_into_item",
    "turn_need_into_matter",
    "verify_claim",
]

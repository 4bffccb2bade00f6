"""What claims does: each function is one act in one transaction; a file per noun."""

from services.claims.usecases.admission import (
    apply_admission,
    count_admissions,
    decide_admission,
    expire_admissions,
    get_admission,
    list_admissions,
    record_opinion,
    revoke_admission,
    show_admission,
)
from services.claims.usecases.burden import (
    get_burden_meter,
    list_burdens,
    record_burden,
    withdraw_burden,
)
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
from services.claims.usecases.gate_list import (
    add_gate_entry,
    end_gate_entry,
    list_gate_entries,
    show_gate_entry,
)
from services.claims.usecases.item import (
    count_items,
    create_item,
    export_items,
    get_item,
    list_items,
    publish_item,
    show_item,
)
from services.claims.usecases.score import assess_item, commend_item, hear_poll
from services.claims.usecases.seal import decide_seal, list_seal_requests, request_seal
from services.claims.usecases.sent_back import (
    declare_emergency,
    get_sent_back_task,
    list_emergencies,
    list_sent_back_tasks,
    send_back_task,
)
from services.claims.usecases.suggestion import suggest_units
from services.claims.usecases.unit import get_unit, list_units, register_unit

__all__ = [
    "add_gate_entry",
    "apply_admission",
    "assess_item",
    "claim_item",
    "commend_item",
    "confirm_claim",
    "count_admissions",
    "count_clocks",
    "count_items",
    "create_item",
    "decide_admission",
    "decide_seal",
    "declare_emergency",
    "end_gate_entry",
    "expire_admissions",
    "export_items",
    "get_admission",
    "get_burden_meter",
    "get_dashboard",
    "get_item",
    "get_sent_back_task",
    "get_unit",
    "hear_poll",
    "import_claim_list",
    "keep_community",
    "list_admissions",
    "list_burdens",
    "list_claim_lists",
    "list_clocks",
    "list_emergencies",
    "list_gate_entries",
    "list_items",
    "list_seal_requests",
    "list_sent_back_tasks",
    "list_units",
    "preview_claim_list",
    "publish_claim_list",
    "publish_item",
    "record_burden",
    "record_opinion",
    "register_unit",
    "release_claim",
    "report_milestone",
    "request_seal",
    "revoke_admission",
    "send_back_claim",
    "send_back_task",
    "show_admission",
    "show_gate_entry",
    "show_item",
    "submit_claim",
    "suggest_units",
    "turn_clocks",
    "verify_claim",
    "withdraw_burden",
]

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
from services.claims.usecases.agreement import (
    get_claim_agreement,
    get_membership_agreement,
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
from services.claims.usecases.claim_list_undo import undo_claim_list
from services.claims.usecases.clock import count_clocks, list_clocks, turn_clocks
from services.claims.usecases.community import keep_community
from services.claims.usecases.community_task import (
    close_task,
    introduce_task,
    list_tasks,
)
from services.claims.usecases.dashboard import get_burden_months, get_dashboard, get_money_figures
from services.claims.usecases.dual_registration import (
    end_dual_registration,
    evaluate_dual_registration,
    export_dual_registrations,
    get_dual_registration,
    list_dual_registrations,
    open_dual_registration,
    record_dual_service,
    show_dual_registration,
    withdraw_dual_service,
)
from services.claims.usecases.evidence import attach_evidence, get_evidence, show_evidence, withdraw_evidence
from services.claims.usecases.fund import (
    change_purpose,
    close_fund,
    close_month,
    earmark_money,
    open_fund,
    receive_money,
    record_consent,
    release_earmark,
    return_money,
)
from services.claims.usecases.fund_payment import (
    approve_payment,
    propose_payment,
    refund_payment,
    reject_payment,
    reverse_posting,
)
from services.claims.usecases.fund_reading import (
    count_funds,
    export_postings,
    get_fund,
    get_public_fund,
    list_funds,
    list_payments,
    list_postings,
    list_public_payments,
    show_fund,
)
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
from services.claims.usecases.item_expiry import (
    close_item_short,
    expire_items,
    finish_item,
    fund_item,
    withdraw_item,
)
from services.claims.usecases.item_revision import revise_item
from services.claims.usecases.linkage import (
    change_social_organisation,
    get_linkage,
    get_social_organisation,
    link_party,
    list_social_organisations,
    register_social_organisation,
    show_linkage,
    unlink_party,
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
from services.claims.usecases.period import (
    close_period,
    get_period,
    list_periods,
    open_period,
)
from services.claims.usecases.personal import correct_personal, erase_personal, gather_personal, unmask
from services.claims.usecases.purchase import (
    accept_purchase,
    check_purchase_milestone,
    choose_supplier,
    plan_purchase,
    record_offer,
    report_purchase_milestone,
    sign_contract,
)
from services.claims.usecases.purchase_payment import (
    close_purchase,
    pay_instalment,
    terminate_purchase,
)
from services.claims.usecases.purchase_reading import (
    get_purchase,
    list_contracts,
    list_purchases,
    show_purchase,
)
from services.claims.usecases.scheme import (
    change_scheme,
    draft_scheme,
    get_scheme,
    list_schemes,
    publish_scheme,
    withdraw_scheme,
)
from services.claims.usecases.score import assess_item, commend_item, hear_poll, score_item
from services.claims.usecases.seal import decide_seal, list_seal_requests, request_seal
from services.claims.usecases.sent_back import (
    declare_emergency,
    get_sent_back_task,
    list_emergencies,
    list_sent_back_tasks,
    send_back_task,
)
from services.claims.usecases.shift import (
    cancel_shift,
    confirm_hours,
    enrol_volunteer,
    get_shift,
    get_sign_in_token,
    list_open_shifts,
    list_shifts,
    open_shift,
    open_sign_in,
    sign_by_token,
    sign_in_volunteer,
    sign_out_volunteer,
    withdraw_from_shift,
)
from services.claims.usecases.shift_showing import show_shift
from services.claims.usecases.suggestion import suggest_units
from services.claims.usecases.unit import (
    apply_unit,
    enter_application,
    follow_application,
    get_unit,
    list_units,
    register_unit,
    show_unit,
)
from services.claims.usecases.unit_acts import (
    add_unit_contact,
    approve_unit,
    change_unit,
    leave_alliance,
    refuse_unit,
    reinstate_unit,
    remove_unit_contact,
    suspend_unit,
)
from services.claims.usecases.unit_assessment import (
    answer_result_objection,
    commend_unit,
    get_unit_assessment,
    list_unit_assessments,
    object_to_result,
    record_feedback,
    revoke_unit_commendation,
    score_unit,
    settle_unit_assessment,
)
from services.claims.usecases.unit_work import (
    get_unit_work,
)
from services.claims.usecases.volunteer import (
    change_volunteer,
    check_service_certificate,
    count_service_hours,
    get_service_certificate,
    get_volunteer,
    issue_service_certificate,
    list_volunteers,
    register_volunteer,
    retire_volunteer,
    show_certificate,
    show_volunteer,
)

__all__ = [
    "accept_purchase", "add_gate_entry", "add_unit_contact", "answer_need", "answer_objection",
    "answer_result_objection", "apply_admission", "apply_unit", "approve_payment", "approve_unit",
    "assess_item", "attach_evidence", "cancel_shift", "change_purpose", "change_scheme",
    "change_social_organisation", "change_unit", "change_volunteer", "check_purchase_milestone",
    "check_rectification", "check_service_certificate", "choose_supplier", "claim_item", "close_fund",
    "close_item_short", "close_month", "close_period", "close_purchase", "close_task", "commend_item",
    "commend_unit", "confirm_claim", "confirm_hours", "correct_personal", "count_admissions", "count_clocks",
    "count_funds", "count_items", "count_needs", "count_service_hours", "create_item", "decide_admission",
    "decide_seal", "declare_emergency", "decline_need", "draft_scheme", "earmark_money",
    "end_dual_registration", "end_gate_entry", "enrol_volunteer", "enter_application", "erase_personal",
    "evaluate_dual_registration", "expire_admissions", "expire_items", "export_dual_registrations",
    "export_items", "export_postings", "finish_item", "follow_application", "follow_need", "fund_item",
    "gather_personal", "get_admission", "get_burden_meter", "get_burden_months", "get_claim_agreement",
    "get_dashboard", "get_dual_registration", "get_evidence", "get_fund", "get_item", "get_linkage",
    "get_membership_agreement", "get_money_figures", "get_need", "get_period", "get_public_fund",
    "get_purchase", "get_scheme", "get_sent_back_task", "get_service_certificate", "get_shift",
    "get_sign_in_token", "get_social_organisation", "get_unit", "get_unit_assessment", "get_unit_work",
    "get_volunteer", "hear_poll", "import_claim_list", "import_needs", "introduce_task",
    "issue_service_certificate", "keep_community", "leave_alliance", "link_party", "list_admissions",
    "list_burdens", "list_claim_lists", "list_clocks", "list_contracts", "list_dual_registrations",
    "list_emergencies", "list_funds", "list_gate_entries", "list_items", "list_needs", "list_open_shifts",
    "list_payments", "list_periods", "list_postings", "list_public_payments", "list_purchases",
    "list_schemes", "list_seal_requests", "list_sent_back_tasks", "list_shifts", "list_social_organisations",
    "list_tasks", "list_unit_assessments", "list_units", "list_volunteers", "merge_need", "object_to_result",
    "open_dual_registration", "open_fund", "open_period", "open_shift", "open_sign_in", "pay_instalment",
    "plan_purchase", "preview_claim_list", "preview_needs", "propose_payment", "publish_claim_list",
    "publish_item", "publish_scheme", "raise_objection", "receive_money", "receive_order", "record_burden",
    "record_consent", "record_dual_service", "record_feedback", "record_offer", "record_opinion",
    "refer_need", "refund_payment", "refuse_unit", "register_need", "register_social_organisation",
    "register_unit", "register_volunteer", "reinstate_unit", "reject_payment", "release_claim",
    "release_earmark", "remove_unit_contact", "report_milestone", "report_purchase_milestone",
    "report_rectification", "request_seal", "retire_volunteer", "return_money", "reverse_posting",
    "revise_item", "revoke_admission", "revoke_commendation", "revoke_unit_commendation", "score_item",
    "score_unit", "send_back_claim", "send_back_task", "settle_unit_assessment", "show_admission",
    "show_certificate", "show_dual_registration", "show_evidence", "show_fund", "show_gate_entry",
    "show_item", "show_linkage", "show_need", "show_purchase", "show_shift", "show_unit", "show_volunteer",
    "sign_by_token", "sign_contract", "sign_in_volunteer", "sign_out_volunteer", "submit_claim",
    "submit_need", "suggest_units", "suspend_unit", "terminate_purchase", "triage_need", "turn_clocks",
    "turn_need_into_item", "turn_need_into_matter", "undo_claim_list", "unlink_party", "unmask",
    "verify_claim", "withdraw_burden", "withdraw_dual_service", "withdraw_evidence", "withdraw_from_shift",
    "withdraw_item", "withdraw_scheme",
]  # fmt: skip

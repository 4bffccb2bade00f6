"""What claims' clocks wait for."""

from services.contracts.base import Term


class ClockKind(Term):
    NEED_ANSWER = "need_answer", "答复需求"
    UNIT_DECISION = "unit_decision", "审核入盟申请"
    DECIDE_EXPIRED = "decide_expired", "处理到期事项"
    CONFIRM_CLAIM = "confirm_claim", "确认认领"
    FINISH_CLAIM = "finish_claim", "按期办结"
    VERIFY_CLAIM = "verify_claim", "审核办结"
    ASSESS_ITEM = "assess_item", "考核评分"
    ANSWER_OBJECTION = "answer_objection", "答复异议"
    RECTIFY = "rectify", "整改"
    CHECK_RECTIFICATION = "check_rectification", "整改回访"
    CLOSE_PERIOD = "close_period", "结束周期考核"
    ANSWER_RESULT_OBJECTION = "answer_result_objection", "答复考核结果异议"
    REVIEW_RESULT = "review_result", "复核考核结果"
    PURCHASE_MILESTONE = "purchase_milestone", "履约节点"
    CHECK_PURCHASE = "check_purchase", "核查履约"
    ADMISSION_DECISION = "admission_decision", "准入会商决定"

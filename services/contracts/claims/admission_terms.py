"""The closed vocabularies of the task gate and the burden meter (DOMAIN: 准入, 减负)."""

from services.contracts.base import Term


class TaskKind(Term):
    """What a department hands to communities."""

    TASK = "task", "工作任务"
    FORM = "form", "表格报表"
    INSPECTION = "inspection", "检查督查"
    ASSESSMENT = "assessment", "考核评比"
    MEETING = "meeting", "会议培训"
    SIGN = "sign", "挂牌"
    PROOF = "proof", "出具证明"


class Frequency(Term):
    ONCE = "once", "一次性"
    WEEKLY = "weekly", "每周"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    YEARLY = "yearly", "每年"
    AS_NEEDED = "as_needed", "按需"


class AdmissionStatus(Term):
    APPLIED = "applied", "待会商"
    ADMITTED = "admitted", "已准入"
    REFUSED = "refused", "不予准入"
    REVOKED = "revoked", "已撤销"
    EXPIRED = "expired", "到期退出"


class GateList(Term):
    """The three lists (domain rules 2.7)."""

    DUTY = "duty", "依法履职事项"
    ASSIST = "assist", "依法协助政府事项"
    NEGATIVE = "negative", "负面事项"


class EmergencyKind(Term):
    """What is exempt from admission: dangers to these four."""

    LIFE = "life", "生命安全"
    SECURITY = "security", "公共安全"
    HEALTH = "health", "公共卫生"
    ENVIRONMENT = "environment", "生态环境"


class SealStatus(Term):
    REQUESTED = "requested", "待审批"
    APPROVED = "approved", "同意用印"
    REFUSED = "refused", "不予出具"


class BurdenKind(Term):
    FORM = "form", "填报表格"
    INSPECTION = "inspection", "迎接检查"
    MEETING = "meeting", "参加会议"
    ASSESSMENT = "assessment", "迎接考核"


class BurdenBasis(Term):
    """On what ground the burden came to the community; emergencies stand apart from the index."""

    ADMITTED = "admitted", "已准入"
    UNADMITTED = "unadmitted", "未准入"
    EMERGENCY = "emergency", "应急"

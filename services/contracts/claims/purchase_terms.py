"""The closed vocabularies of purchases of services (政府购买服务)."""

from services.contracts.base import Term


class PurchaseStatus(Term):
    PLANNED = "planned", "已立项"
    CHOSEN = "chosen", "已定承接方"
    CONTRACTED = "contracted", "履约中"
    ACCEPTED = "accepted", "已验收"
    HELD_BACK = "held_back", "暂扣尾款"
    CLOSED = "closed", "已结清"
    TERMINATED = "terminated", "已终止"


class PurchaseMethod(Term):
    OPEN_TENDER = "open_tender", "公开招标"
    CONSULTATION = "consultation", "竞争性磋商"
    INQUIRY = "inquiry", "询价"
    SINGLE_SOURCE = "single_source", "单一来源"


class PurchaseParty(Term):
    """What buyers and suppliers are to the rules; some kinds are known only so that they can be refused.

    Qualified persons may be suppliers by the rules; they are not registered here.
    """

    STATE_ORGAN = "state_organ", "国家机关"
    ENTERPRISE = "enterprise", "企业"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织"
    PUBLIC_TWO = "public_two", "公益二类事业单位"
    RESIDENTS_COMMITTEE = "residents_committee", "基层群众性自治组织"
    PUBLIC_ONE = "public_one", "公益一类事业单位"
    MASS_ORGANISATION = "mass_organisation", "财政拨款保障的群团组织"


class InstalmentStatus(Term):
    """The last three only once its payment has been asked for."""

    WAITING = "waiting", "待履约"
    REPORTED = "reported", "待核查"
    PAYABLE = "payable", "可申请付款"
    HELD = "held", "暂不支付"
    ASKED = "asked", "待审批"
    PAID = "paid", "已支付"

"""The closed vocabularies of funds: where money comes from, where it stands and what moves it."""

from services.contracts.base import Term


class FundSource(Term):
    """One source per fund, so that every fen can be told apart by where it came from."""

    PROVINCE_CITY = "province_city", "省市专项资金"
    COUNTY = "county", "县级财政资金"
    HELD_DONATION = "held_donation", "慈善组织代管捐赠"
    UNIT_SPONSORSHIP = "unit_sponsorship", "单位资助"
    BENEFIT_CONTRIBUTION = "benefit_contribution", "受益单位筹资"
    MUTUAL_AID = "mutual_aid", "社区互助互济"


class FundStatus(Term):
    OPEN = "open", "使用中"
    CLOSED = "closed", "已关闭"


class FundAccount(Term):
    """What comes in stands in `income` with a minus; so all accounts of a fund add up to nought."""

    INCOME = "income", "来源收入"
    AVAILABLE = "available", "可用余额"
    EARMARKED = "earmarked", "专项预留"
    COMMITTED = "committed", "待支付"
    SPENT = "spent", "已支出"


class PostingKind(Term):
    RECEIPT = "receipt", "收入"
    RETURN = "return", "退还来款"
    EARMARK = "earmark", "专项预留"
    RELEASE = "release", "解除预留"
    PROPOSAL = "proposal", "申请付款"
    REJECTION = "rejection", "驳回付款"
    PAYMENT = "payment", "付款"
    REFUND = "refund", "付款退回"
    REVERSAL = "reversal", "冲正"


class PayerKind(Term):
    """`public` is known so that it can be refused: only qualified charities may collect from the public."""

    TREASURY = "treasury", "财政部门"
    CHARITY = "charity", "慈善组织"
    UNIT = "unit", "驻地单位"
    RESIDENTS = "residents", "本社区居民"
    PUBLIC = "public", "社会公众"


class PayeeKind(Term):
    """Who is paid as a person is never named here."""

    UNIT = "unit", "驻地单位"
    ORGANISATION = "organisation", "其他单位"
    PERSON = "person", "个人（不公开姓名）"


class PaymentStatus(Term):
    PROPOSED = "proposed", "待审批"
    PAID = "paid", "已支付"
    REJECTED = "rejected", "已驳回"


class ConsentKind(Term):
    SPONSORSHIP = "sponsorship", "同意资助"
    BENEFIT_CONTRIBUTION = "benefit_contribution", "同意受益筹资"
    CHANGE_OF_PURPOSE = "change_of_purpose", "同意变更用途"

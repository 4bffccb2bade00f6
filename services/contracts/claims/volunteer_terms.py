"""The closed vocabularies of volunteers, their shifts, social organisations and the five parties."""

from services.contracts.base import Term


class Skill(Term):
    ELDERLY_CARE = "elderly_care", "助老助残"
    CHILDREN = "children", "儿童托管"
    MEDICAL = "medical", "医疗护理"
    COUNSELLING = "counselling", "心理疏导"
    TUTORING = "tutoring", "教育辅导"
    ARTS = "arts", "文艺体育"
    REPAIR = "repair", "家电维修"
    SNOW_CLEARING = "snow_clearing", "清雪除冰"
    CLEANING = "cleaning", "环境清洁"
    TRAFFIC = "traffic", "交通引导"
    RESCUE = "rescue", "应急救援"
    LEGAL = "legal", "法律咨询"
    PUBLICITY = "publicity", "宣传摄影"
    TRANSLATION = "translation", "俄语翻译"


class VolunteerStatus(Term):
    ACTIVE = "active", "在册"
    RETIRED = "retired", "已退出"


class ShiftStatus(Term):
    OPEN = "open", "招募中"
    CONFIRMED = "confirmed", "时长已确认"
    CANCELLED = "cancelled", "已取消"


class EnrolmentStatus(Term):
    ENROLLED = "enrolled", "已报名"
    WAITING = "waiting", "候补"
    SIGNED_IN = "signed_in", "已签到"
    SIGNED_OUT = "signed_out", "已签退"
    CONFIRMED = "confirmed", "时长已确认"
    ABSENT = "absent", "未到"
    PASSED_OVER = "passed_over", "候补未递补"
    WITHDRAWN = "withdrawn", "已退出"
    CANCELLED = "cancelled", "班次取消"


class Signing(Term):
    """What a volunteer does at the desk or behind the QR code."""

    IN = "in", "签到"
    OUT = "out", "签退"


class OrganisationLevel(Term):
    """Where a social organisation is registered; the smallest are only filed with their street or community."""

    PROVINCE = "province", "省级登记"
    CITY = "city", "市级登记"
    DISTRICT = "district", "区县级登记"
    COMMUNITY = "community", "社区备案"


class OrganisationStatus(Term):
    ACTIVE = "active", "正常"
    SUSPENDED = "suspended", "活动异常"
    DEREGISTERED = "deregistered", "已注销"


class ServiceField(Term):
    ELDERLY = "elderly", "为老服务"
    CHILDREN = "children", "儿童青少年"
    DISABLED = "disabled", "助残服务"
    WOMEN = "women", "妇女家庭"
    MENTAL_HEALTH = "mental_health", "心理健康"
    POVERTY_RELIEF = "poverty_relief", "帮扶救助"
    LEGAL_AID = "legal_aid", "法律援助"
    ENVIRONMENT = "environment", "生态环保"
    CULTURE_SPORTS = "culture_sports", "文化体育"
    EMERGENCY = "emergency", "应急救援"
    TRAINING = "training", "培训孵化"


class PartyKind(Term):
    """The five of 五社联动; the fifth is the only one that is a resource and no actor."""

    COMMUNITY = "community", "社区"
    SOCIAL_WORKER = "social_worker", "社会工作者"
    SOCIAL_ORGANISATION = "social_organisation", "社区社会组织"
    VOLUNTEER = "volunteer", "社区志愿者"
    CHARITY_RESOURCE = "charity_resource", "社会慈善资源"

"""What a joint-building agreement (共驻共建协议书) may name: placeholder -> what stands there, in Chinese."""

PLACEHOLDERS = {
    "agreement_number": "协议编号",
    "claimed_on": "认领日期",
    "community_name": "社区名称",
    "due_on": "办结期限",
    "functions": "单位职能",
    "item_code": "事项编号",
    "item_description": "事项描述",
    "item_title": "事项名称",
    "joined_on": "入盟日期",
    "made_on": "打印日期",
    "place": "实施地点",
    "quantity": "认领数量",
    "supporting_units": "协同单位",
    "unit_name": "单位名称",
    "uscc": "统一社会信用代码",
}

"""The closed vocabularies of notifications."""

from services.contracts.base import Term


class Channel(Term):
    BOARD = "board", "公示栏"
    WECOM = "wecom", "企业微信群"
    EMAIL = "email", "电子邮件"


class DeliveryStatus(Term):
    """`uncertain`: handed to the provider, but no answer came; never sent again by itself."""

    WAITING = "waiting", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已送达"
    FAILED = "failed", "发送失败"
    UNCERTAIN = "uncertain", "结果不明"

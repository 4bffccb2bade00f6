"""The ways out of the system: each channel hands one message to one provider and tells how that ended.

A channel knows its provider's protocol and limits; it knows no database, no retry and no notice.
"""

from services.chassis.config import Config
from services.contracts.notifications.terms import Channel as ChannelTerm
from services.notifications.channels.base import Channel
from services.notifications.channels.email import Email
from services.notifications.channels.wecom import WeCom


def channel_for(term: ChannelTerm, config: Config) -> Channel:
    if term is ChannelTerm.WECOM:
        return WeCom(config.wecom_url)
    if term is ChannelTerm.EMAIL:
        return Email(config.smtp_url, mail_from=config.mail_from)
    raise ValueError(f"{term} is no channel that sends.")

"""Notifications: from event to notice, and from notice to the board, the group robot and the mailbox.

Owns      contact details, notices and their deliveries
Answers   list_notices, get_notice, list_deliveries, resend_delivery,
          add_subscription, remove_subscription, list_subscriptions, unmask,
          show_consent, withdraw_consent, gather_personal, erase_personal, correct_personal
Emits     NoticePublished
Consumes  CommunityRegistered, CommunityChanged, ItemPublished, ItemClaimed, ClaimReleased, ItemVerified,
          ItemScored, ItemCommended, CommendationRevoked, PollOpened, PollClosed
Start at  service.py
"""

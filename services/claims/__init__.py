"""Claims: from an item on the claim list to the commendation of those who did the work.

Owns      units of the alliance, claim lists, items, claims, scores, commendations;
          funds with their ledger, payments and consents; a copy of the communities
Answers   register_unit, get_unit, list_units,
          preview_claim_list, import_claim_list, publish_claim_list, list_claim_lists,
          create_item, publish_item, get_item, list_items, export_items, count_items,
          claim_item, confirm_claim, report_milestone, submit_claim, send_back_claim,
          verify_claim, release_claim,
          assess_item, commend_item, get_dashboard,
          open_fund, close_fund, record_consent, change_purpose, receive_money, return_money,
          earmark_money, release_earmark, propose_payment, approve_payment, reject_payment,
          refund_payment, reverse_posting, close_month,
          get_fund, list_funds, count_funds, get_public_fund, list_postings, export_postings,
          list_payments, list_public_payments
Emits     UnitRegistered, ItemPublished, ItemClaimed, ClaimConfirmed, MilestoneReported,
          ClaimSubmitted, ClaimSentBack, ClaimReleased, ItemVerified, ItemScored, ItemCommended,
          FundOpened, MoneyReceived, PaymentMade, PostingReversed, MonthClosed
Consumes  CommunityRegistered, CommunityChanged, PollClosed
Start at  service.py
"""

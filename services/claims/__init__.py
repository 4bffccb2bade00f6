"""Claims: from an item on the claim list to the commendation of those who did the work.

Owns      units of the alliance, claim lists, items, claims, scores, commendations;
          working-day clocks; a copy of the communities
Answers   register_unit, get_unit, list_units,
          preview_claim_list, import_claim_list, publish_claim_list, list_claim_lists,
          create_item, publish_item, get_item, list_items, export_items, count_items,
          suggest_units, claim_item, confirm_claim, report_milestone, submit_claim, send_back_claim,
          verify_claim, release_claim,
          assess_item, commend_item, raise_objection, answer_objection, revoke_commendation,
          report_rectification, check_rectification, get_dashboard,
          list_clocks, count_clocks
Emits     UnitRegistered, ItemPublished, ItemClaimed, ClaimConfirmed, MilestoneReported,
          ClaimSubmitted, ClaimSentBack, ClaimReleased, ItemVerified, ItemScored, ItemCommended,
          CommendationObjected, ObjectionSettled, CommendationRevoked,
          RectificationOpened, RectificationReported, RectificationClosed, ClockTurned
Consumes  CommunityRegistered, CommunityChanged, PollClosed
Start at  service.py
"""

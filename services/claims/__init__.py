"""Claims: from an item on the claim list to the commendation of those who did the work.

Owns      residents' needs, units of the alliance and their dual registration,
          claim lists, items, claims, scores, commendations;
          the task gate (applications, the three lists, send-backs, emergencies, seals)
          and the burden meter; funds with their ledger, payments and consents;
          volunteers, shifts, certificates of service, social organisations, the five parties of items;
          working-day clocks; a copy of the communities
Answers   register_need, submit_need, receive_order, preview_needs, import_needs,
          get_need, follow_need, list_needs, count_needs, triage_need, merge_need,
          turn_need_into_item, turn_need_into_matter, refer_need, answer_need, decline_need,
          register_unit, apply_unit, enter_application, follow_application,
          get_unit, get_unit_work, list_units,
          change_unit, approve_unit, refuse_unit, suspend_unit, reinstate_unit, leave_alliance,
          add_unit_contact, remove_unit_contact,
          get_claim_agreement, get_membership_agreement,
          open_dual_registration, end_dual_registration, get_dual_registration,
          list_dual_registrations, export_dual_registrations,
          record_dual_service, withdraw_dual_service, evaluate_dual_registration,
          introduce_task, close_task, list_tasks,
          preview_claim_list, import_claim_list, publish_claim_list, list_claim_lists,
          create_item, publish_item, get_item, list_items, export_items, count_items,
          suggest_units, claim_item, confirm_claim, report_milestone, submit_claim, send_back_claim,
          verify_claim, release_claim,
          assess_item, commend_item, raise_objection, answer_objection, revoke_commendation,
          report_rectification, check_rectification, get_dashboard,
          apply_admission, record_opinion, decide_admission, revoke_admission,
          get_admission, list_admissions, count_admissions,
          add_gate_entry, end_gate_entry, list_gate_entries,
          send_back_task, get_sent_back_task, list_sent_back_tasks,
          declare_emergency, list_emergencies,
          request_seal, decide_seal, list_seal_requests,
          record_burden, withdraw_burden, list_burdens, get_burden_meter,
          open_fund, close_fund, record_consent, change_purpose, receive_money, return_money,
          earmark_money, release_earmark, propose_payment, approve_payment, reject_payment,
          refund_payment, reverse_posting, close_month,
          get_fund, list_funds, count_funds, get_public_fund, list_postings, export_postings,
          list_payments, list_public_payments,
          list_clocks, count_clocks,
          register_volunteer, change_volunteer, retire_volunteer, get_volunteer, list_volunteers,
          count_service_hours, issue_service_certificate, get_service_certificate,
          check_service_certificate, unmask, gather_personal, correct_personal, erase_personal,
          open_shift, get_shift, list_shifts, list_open_shifts, enrol_volunteer, withdraw_from_shift,
          cancel_shift, sign_in_volunteer, sign_out_volunteer, get_sign_in_token, open_sign_in,
          sign_by_token, confirm_hours,
          link_party, unlink_party, get_linkage, register_social_organisation,
          change_social_organisation, get_social_organisation, list_social_organisations
Emits     NeedReceived, NeedTriaged, NeedAnswered, NeedBecameItem, NeedBecameMatter,
          NeedReferred, NeedMerged,
          UnitRegistered, UnitApplied, UnitApproved, UnitRefused, UnitSuspended, UnitReinstated, UnitLeft,
          DualRegistrationOpened, UnitEvaluated, MemberEvaluated,
          ItemPublished, ItemClaimed, ClaimConfirmed, MilestoneReported,
          ClaimSubmitted, ClaimSentBack, ClaimReleased, ItemVerified, ItemScored, ItemCommended,
          CommendationObjected, ObjectionSettled, CommendationRevoked,
          RectificationOpened, RectificationReported, RectificationClosed,
          AdmissionApplied, AdmissionDecided, AdmissionRevoked, AdmissionExpired,
          TaskSentBack, SealRefused, EmergencyDeclared,
          FundOpened, MoneyReceived, PaymentMade, PostingReversed, MonthClosed, ClockTurned,
          ShiftOpened, ShiftCancelled, VolunteerEnrolled, HoursConfirmed, PartyLinked
Consumes  CommunityRegistered, CommunityChanged, PollClosed
Start at  service.py
"""

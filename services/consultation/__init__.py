"""Consultation: from the residents' roll to the result of a poll.

Owns      the roll of residents, polls, invitations and answers; a copy of the communities
Answers   import_residents, count_residents, list_residents, unmask, list_polls, get_poll, close_poll,
          list_invitations, open_code, open_invitation, answer_poll, gather_personal, erase_personal,
          correct_personal
Emits     PollOpened, PollClosed
Consumes  CommunityRegistered, CommunityChanged, ItemVerified
Start at  service.py

Secrecy: `invitations` says who has answered, `answers` what was answered, and nothing joins the two: no shared key
but the poll, no times, random keys. What the row versions of the database itself betray while a poll is open
(both rows of an answer carry the same transaction number) is wiped at closing, when the answers are written anew.
"""

"""Staffing: the communities, their establishment, and the people who work in them.

Owns      communities, workers
Answers   register_community, change_community, get_community, list_communities,
          appoint_worker, list_workers, gather_personal, erase_personal, correct_personal
Emits     CommunityRegistered, CommunityChanged, WorkerAppointed
Consumes  nothing
Start at  service.py
"""

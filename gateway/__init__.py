"""Gateway: the one HTTP door of the platform.

Owns      accounts, sessions, uploaded files and the jobs that read them; no business rule
Answers   /api/v1 for programs, pages for staff, public pages, /live, /healthz, /readyz
Calls     claims, consultation, staffing, notifications
Hears     their events, to tell open browser pages
Start at  app.py (what it is made of) and host.py (how it is served)
"""

"""Pages of the three powers: the security administrator opens accounts, grants rights and ends sessions.

The auditor may look at all of it and change nothing; the operator sees no accounts, only what is in force.
"""

from gateway.pages.admin import invitations, rights, sessions, settings, sign_ins, users

BLUEPRINTS = (
    users.blueprint,
    rights.blueprint,
    sessions.blueprint,
    sign_ins.blueprint,
    settings.blueprint,
    invitations.blueprint,
)

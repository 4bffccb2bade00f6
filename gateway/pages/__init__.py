"""Pages for staff and liaisons, rendered on the server; one file per area.

A view asks a service and renders; it never decides. What may be done is in `possible_acts`.
"""

from gateway.pages import (
    account,
    admin,
    audit,
    claim_lists,
    communities,
    dashboard,
    deliveries,
    frame,
    item_acts,
    items,
    jobs,
    linkages,
    personal,
    polls,
    session,
    shifts,
    sso,
    subscriptions,
    todo,
    units,
    volunteers,
)

BLUEPRINTS = (
    frame.blueprint,
    session.blueprint,
    sso.blueprint,
    account.blueprint,
    dashboard.blueprint,
    todo.blueprint,
    items.blueprint,
    item_acts.blueprint,
    claim_lists.blueprint,
    jobs.blueprint,
    units.blueprint,
    linkages.blueprint,
    volunteers.blueprint,
    shifts.blueprint,
    polls.blueprint,
    deliveries.blueprint,
    subscriptions.blueprint,
    communities.blueprint,
    *admin.BLUEPRINTS,
    audit.blueprint,
    *personal.BLUEPRINTS,
)

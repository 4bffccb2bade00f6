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
    fund_acts,
    funds,
    item_acts,
    items,
    jobs,
    personal,
    polls,
    session,
    sso,
    subscriptions,
    todo,
    units,
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
    funds.blueprint,
    fund_acts.blueprint,
    polls.blueprint,
    deliveries.blueprint,
    subscriptions.blueprint,
    communities.blueprint,
    *admin.BLUEPRINTS,
    audit.blueprint,
    *personal.BLUEPRINTS,
)

"""JSON for programs under /api/v1, one file per area, described by /api/v1/openapi.json."""

from flask import Flask

from gateway.api import document
from gateway.api.keys import KeysInUse


def register(app: Flask) -> None:
    from gateway.api import (
        admissions,
        agreements,
        audit,
        burdens,
        claim_lists,
        clocks,
        communities,
        dashboard,
        dual_registrations,
        evidence,
        funds,
        item_expiry,
        items,
        jobs,
        linkages,
        needs,
        notices,
        polls,
        problems,
        purchases,
        schemes,
        session,
        shifts,
        unit_assessments,
        units,
        volunteers,
    )

    areas = (
        session,
        needs,
        items,
        item_expiry,
        claim_lists,
        dashboard,
        clocks,
        jobs,
        units,
        dual_registrations,
        evidence,
        agreements,
        funds,
        purchases,
        polls,
        admissions,
        burdens,
        communities,
        notices,
        audit,
        volunteers,
        shifts,
        linkages,
        schemes,
        unit_assessments,
    )
    database = app.extensions["database"]
    app.extensions["keys_in_use"] = KeysInUse(database.url if database else "")
    document.register(app, [area.blueprint for area in areas])
    app.register_blueprint(problems.blueprint)

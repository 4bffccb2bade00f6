"""JSON for programs under /api/v1, one file per area, described by /api/v1/openapi.json."""

from flask import Flask

from gateway.api import document


def register(app: Flask) -> None:
    from gateway.api import claim_lists, communities, items, jobs, notices, polls, problems, session, units

    areas = (session, items, claim_lists, jobs, units, polls, communities, notices)
    document.register(app, [area.blueprint for area in areas])
    app.register_blueprint(problems.blueprint)

"""What staffing shows."""

from marshmallow import fields

from services.contracts.base import STAFF_ROLES, View
from services.contracts.personal import Kind, Personal
from services.contracts.staffing.terms import CommunityGrade, Post


class CommunityView(View):
    community_id = fields.UUID()
    code = fields.String()
    community_name = fields.String()
    street = fields.String()
    grade = fields.Enum(CommunityGrade, by_value=True)
    households = fields.Integer()
    population = fields.Integer()
    posts_required = fields.Integer(metadata={"description": "⌈人口 × 18 / 10000⌉"})
    posts_filled = fields.Integer()
    version = fields.Integer()


class CommunityList(View):
    items = fields.List(fields.Nested(CommunityView))


class WorkerView(View):
    worker_id = fields.UUID()
    community_id = fields.UUID()
    # Colleagues know each other by name; nobody else is shown the list.
    worker_name = Personal(Kind.NAME, open_to=STAFF_ROLES)
    post = fields.Enum(Post, by_value=True)
    since_on = fields.Date()


class WorkerPage(View):
    items = fields.List(fields.Nested(WorkerView))
    next = fields.String(allow_none=True)

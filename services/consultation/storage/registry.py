"""The one registry on which all tables and classes of consultation are mapped."""

from sqlalchemy import orm

registry = orm.registry()
metadata = registry.metadata

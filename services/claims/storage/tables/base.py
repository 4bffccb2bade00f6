"""What all tables of claims are made with."""

import sqlalchemy as sa
from sqlalchemy import orm

from services.contracts.base import Term

registry = orm.registry()
metadata = registry.metadata

TERM_LENGTH = 40
POINTS = sa.Numeric(5, 2)
MOMENT = sa.DateTime(timezone=True)


def term(terms: type[Term]) -> sa.Enum:
    """A vocabulary as text: a new word needs no change of the table."""
    return sa.Enum(
        terms,
        native_enum=False,
        length=TERM_LENGTH,
        values_callable=lambda members: [member.value for member in members],
    )

"""Which scheme some work is assessed by."""

from datetime import date

from services.chassis.clock import local_date
from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.item import Item
from services.claims.domain.scheme import Scheme, scheme_on


def scheme_of(tx: Transaction, item: Item) -> Scheme:
    """The one in force on the day the work was finished; that day is past, so it stays the same."""
    return scheme_in_force(tx, item.finished_on or local_date(tx.now))


def scheme_in_force(tx: Transaction, day: date) -> Scheme:
    return scheme_on(day, storage.published_schemes(tx.session))

"""The tables of claims, a file per noun; `migrations/` makes them, `mapping.py` joins them to the domain."""

from services.claims.storage.tables.admission import *  # noqa: F403
from services.claims.storage.tables.base import metadata as metadata
from services.claims.storage.tables.base import registry as registry
from services.claims.storage.tables.burden import *  # noqa: F403
from services.claims.storage.tables.dual_registration import *  # noqa: F403
from services.claims.storage.tables.fund import *  # noqa: F403
from services.claims.storage.tables.item import *  # noqa: F403
from services.claims.storage.tables.need import *  # noqa: F403
from services.claims.storage.tables.purchase import *  # noqa: F403
from services.claims.storage.tables.scheme import *  # noqa: F403
from services.claims.storage.tables.unit import *  # noqa: F403
from services.claims.storage.tables.volunteer import *  # noqa: F403

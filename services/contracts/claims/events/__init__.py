"""What claims tells others, a file per noun."""

from services.contracts.claims.events.admission import *  # noqa: F403
from services.contracts.claims.events.clock import *  # noqa: F403
from services.contracts.claims.events.dual_registration import *  # noqa: F403
from services.contracts.claims.events.fund import *  # noqa: F403
from services.contracts.claims.events.item import *  # noqa: F403
from services.contracts.claims.events.need import *  # noqa: F403
from services.contracts.claims.events.outcome import *  # noqa: F403
from services.contracts.claims.events.purchase import *  # noqa: F403
from services.contracts.claims.events.unit import *  # noqa: F403
from services.contracts.claims.events.unit_assessment import *  # noqa: F403
from services.contracts.claims.events.volunteer import *  # noqa: F403

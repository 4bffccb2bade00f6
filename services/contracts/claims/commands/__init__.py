"""What claims can be asked: one shape per door, a file per noun."""

from services.contracts.claims.commands.admission import *  # noqa: F403
from services.contracts.claims.commands.agreement import *  # noqa: F403
from services.contracts.claims.commands.burden import *  # noqa: F403
from services.contracts.claims.commands.clock import *  # noqa: F403
from services.contracts.claims.commands.dashboard import *  # noqa: F403
from services.contracts.claims.commands.dual_registration import *  # noqa: F403
from services.contracts.claims.commands.evidence import *  # noqa: F403
from services.contracts.claims.commands.fund import *  # noqa: F403
from services.contracts.claims.commands.item import *  # noqa: F403
from services.contracts.claims.commands.item_expiry import *  # noqa: F403
from services.contracts.claims.commands.linkage import *  # noqa: F403
from services.contracts.claims.commands.need import *  # noqa: F403
from services.contracts.claims.commands.outcome import *  # noqa: F403
from services.contracts.claims.commands.purchase import *  # noqa: F403
from services.contracts.claims.commands.scheme import *  # noqa: F403
from services.contracts.claims.commands.shift import *  # noqa: F403
from services.contracts.claims.commands.unit import *  # noqa: F403
from services.contracts.claims.commands.unit_assessment import *  # noqa: F403
from services.contracts.claims.commands.volunteer import *  # noqa: F403

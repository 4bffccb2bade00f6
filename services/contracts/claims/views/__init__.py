"""What claims shows, a file per noun."""

from services.contracts.claims.views.admission import *  # noqa: F403
from services.contracts.claims.views.agreement import *  # noqa: F403
from services.contracts.claims.views.burden import *  # noqa: F403
from services.contracts.claims.views.clock import *  # noqa: F403
from services.contracts.claims.views.dual_registration import *  # noqa: F403
from services.contracts.claims.views.fund import *  # noqa: F403
from services.contracts.claims.views.item import *  # noqa: F403
from services.contracts.claims.views.linkage import *  # noqa: F403
from services.contracts.claims.views.need import *  # noqa: F403
from services.contracts.claims.views.shift import *  # noqa: F403
from services.contracts.claims.views.unit import *  # noqa: F403
from services.contracts.claims.views.volunteer import *  # noqa: F403

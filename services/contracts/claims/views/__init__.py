"""What claims shows, a file per noun."""

from services.contracts.claims.views.admission import *  # noqa: F403
from services.contracts.claims.views.burden import *  # noqa: F403
from services.contracts.claims.views.clock import *  # noqa: F403
from services.contracts.claims.views.dashboard import *  # noqa: F403
from services.contracts.claims.views.dual_registration import *  # noqa: F403
from services.contracts.claims.views.fund import *  # noqa: F403
from services.contracts.claims.views.item import *  # noqa: F403
from services.contracts.claims.views.linkage import *  # noqa: F403
from services.contracts.claims.views.need import *  # noqa: F403
from services.contracts.claims.views.purchase import *  # noqa: F403
from services.contracts.claims.views.scheme import *  # noqa: F403
from services.contracts.claims.views.scoring import *  # noqa: F403
from services.contracts.claims.views.shift import *  # noqa: F403
from services.contracts.claims.views.unit import *  # noqa: F403
from services.contracts.claims.views.unit_assessment import *  # noqa: F403
from services.contracts.claims.views.volunteer import *  # noqa: F403

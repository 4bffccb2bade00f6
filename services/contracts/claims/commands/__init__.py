"""What claims can be asked: one shape per door, a file per noun."""

from services.contracts.claims.commands.fund import *  # noqa: F403
from services.contracts.claims.commands.item import *  # noqa: F403

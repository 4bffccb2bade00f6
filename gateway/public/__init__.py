"""Pages that anybody may read without signing in: the board, items, needs, accounts, answering a poll."""

from gateway.public import (
    ballot,
    board,
    code,
    contracts,
    evidence,
    funds,
    needs,
    results,
    units,
    volunteering,
)

BLUEPRINTS = (
    board.blueprint,
    needs.blueprint,
    ballot.blueprint,
    code.blueprint,
    funds.blueprint,
    units.blueprint,
    results.blueprint,
    evidence.blueprint,
    contracts.blueprint,
    volunteering.blueprint,
)

"""Pages that anybody may read without signing in: the board, published items, telling a need, answering a poll."""

from gateway.public import ballot, board, code, needs, volunteering

BLUEPRINTS = (
    board.blueprint,
    needs.blueprint,
    ballot.blueprint,
    code.blueprint,
    volunteering.blueprint,
)

"""Pages that anybody may read without signing in: the board, published items, answering a poll."""

from gateway.public import ballot, board, code, volunteering

BLUEPRINTS = (board.blueprint, ballot.blueprint, code.blueprint, volunteering.blueprint)

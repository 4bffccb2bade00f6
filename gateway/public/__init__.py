"""Pages that anybody may read without signing in: the board, published items, accounts, answering a poll."""

from gateway.public import ballot, board, code, funds

BLUEPRINTS = (board.blueprint, ballot.blueprint, code.blueprint, funds.blueprint)

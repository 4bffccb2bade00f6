"""The rules of the roll and of polls; plain Python, a file per noun.

community         the copy of staffing's facts
identity_number   which identity numbers can exist
resident          who stands on the roll
poll              a poll from its drawing of lots to its result
sampling          who is asked
tally             what the answers say
link              the personal link, signed
code              the short code for paper
"""

from services.consultation.domain.code import read_code, write_code
from services.consultation.domain.community import Community
from services.consultation.domain.identity_number import normalised
from services.consultation.domain.link import Link, read_token, write_token
from services.consultation.domain.poll import Poll
from services.consultation.domain.resident import Resident, grid_for_roll, name_for_roll, number_for_roll
from services.consultation.domain.sampling import draw, least_sample, sample_size
from services.consultation.domain.tally import Tally, percent

__all__ = [
    "Community",
    "Link",
    "Poll",
    "Resident",
    "Tally",
    "draw",
    "grid_for_roll",
    "least_sample",
    "name_for_roll",
    "normalised",
    "number_for_roll",
    "percent",
    "read_code",
    "read_token",
    "sample_size",
    "write_code",
    "write_token",
]

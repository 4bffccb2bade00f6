"""The claims database with the communities that most tests play in."""

from collections.abc import Callable

import pytest

from services.chassis.db import Database
from services.claims import usecases
from tests.builders import HUAYUAN, HUAYUAN_CODE, XINGAN, XINGAN_CODE, community_registered


@pytest.fixture
def db(service_db: Callable[[str], Database]) -> Database:
    database = service_db("claims")
    with database.transaction() as tx:
        usecases.keep_community(tx, community_registered(HUAYUAN, HUAYUAN_CODE, "花园社区"))
        usecases.keep_community(tx, community_registered(XINGAN, XINGAN_CODE, "兴安社区"))
    return database

"""The first administrator of an empty platform."""

from gateway.auth.accounts import UsernameTaken, add_user, one_time_password
from gateway.storage import users
from services.chassis.db import Database
from services.contracts.base import Role

USERNAME = "admin"
ROLES = (Role.CITY_ADMIN, Role.SECURITY_ADMIN)


def ensure_first_account(database: Database) -> str | None:
    """When nobody has an account yet: its one-time password, which is stored nowhere. Otherwise None."""
    with database.reading() as tx:
        if users.is_anybody_there(tx.session):
            return None
    password = one_time_password()
    try:
        add_user(
            database,
            username=USERNAME,
            display_name="系统管理员",
            password=password,
            roles=ROLES,
            is_one_time=True,
        )
    except UsernameTaken:
        return None
    return password

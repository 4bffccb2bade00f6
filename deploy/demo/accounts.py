"""The accounts of the sample city, and the one file that knows their passwords."""

import json
import os
import secrets
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from deploy.demo.client import Client, Refused
from deploy.sample.city import Account
from gateway.auth.accounts import UsernameTaken, add_user, set_password
from services.chassis.db import Database

# Without letters and digits that look alike when read from a screen.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class AccountFile:
    """`accounts.json`: username -> password; made once per installation, readable by its owner only."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def passwords(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def password_for(self, username: str) -> str:
        """The one it has, or a new one, written down before anybody can need it."""
        known = self.passwords()
        if username not in known:
            known[username] = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
            self._write(known)
        return known[username]

    def ensure(
        self,
        database: Database,
        account: Account,
        *,
        community_ids: tuple[UUID, ...] = (),
        unit_id: UUID | None = None,
    ) -> None:
        """The account is there and has the password of this file; nothing else of it is changed."""
        is_new = account.username not in self.passwords()
        password = self.password_for(account.username)
        try:
            add_user(
                database,
                username=account.username,
                display_name=account.display_name,
                password=password,
                roles=tuple(account.roles),
                community_ids=community_ids,
                unit_id=unit_id,
            )
        except UsernameTaken:
            if is_new:  # the file was lost
                set_password(database, username=account.username, password=password)

    def sign_in(self, visitor: Client, database: Database, username: str) -> Client:
        """When the account has another password (the file belongs to an older database), the file wins."""
        password = self.password_for(username)
        try:
            return visitor.signed_in(username, password)
        except Refused as refusal:
            if refusal.status != HTTPStatus.UNAUTHORIZED:
                raise
        set_password(database, username=username, password=password)
        return visitor.signed_in(username, password)

    def _write(self, passwords: dict[str, str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.file.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as writing:
            json.dump(passwords, writing, ensure_ascii=False, indent=1)
        unfinished.rename(self.file)

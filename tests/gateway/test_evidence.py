"""Evidence from the form to the storage and back, with the real services and the jobs process's worker."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from PIL import Image
from werkzeug.test import TestResponse

from gateway.files.storage import FileMissing, files_of
from gateway.jobs.evidence_file import thumbnail_key
from gateway.jobs.worker import Worker
from gateway.storage.tables import stored_files, uploads
from services.chassis.clock import utc_now
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from services.contracts.claims.terms import ClaimStatus
from tests.builders import item_with_claim
from tests.claims.acting import store
from tests.gateway.browsing import Person, words
from tests.gateway.test_files import made_word, photo
from tests.gateway.test_fund_pages import PASSWORD, Office


class Street(Office):
    """A community with a claim that is being worked on, and people who may show how far it is."""

    def __init__(self, settings: Config, service_db: Callable[[str], Database]) -> None:
        super().__init__(settings, service_db)
        self.files = files_of(settings)
        self.database = service_db("gateway")
        self.item, self.claim = item_with_claim(ClaimStatus.IN_PROGRESS)
        store(self.services.database_of("claims"), self.item)
        self.worker = self.person("wang", Role.COMMUNITY_WORKER)
        opened = self.app.test_client().post(
            "/api/v1/session", json={"username": "wang", "password": PASSWORD}
        )
        self.token = {"Authorization": f"Bearer {opened.json['token']}"}

    @property
    def page(self) -> str:
        return f"/items/{self.item.item_id}"

    @property
    def place(self) -> str:
        return f"{self.page}/claims/{self.claim.claim_id}"

    def hand_in(self, content: bytes, name: str = "清雪后.JPG", **fields: Any) -> TestResponse:
        file = (io.BytesIO(content), name)
        return self.worker.send(self.page, f"{self.place}/attach_evidence", file=file, **fields)

    def api(self, path: str, key: str = "", **sent: Any) -> TestResponse:
        """A program's request; one with a key changes something."""
        headers = self.token | ({"Idempotency-Key": key} if key else {})
        client = self.app.test_client()
        return client.open(f"/api/v1{path}", method="POST" if key else "GET", headers=headers, **sent)

    def kept(self) -> list[dict[str, Any]]:
        answered = self.api(self.page)
        evidence: list[dict[str, Any]] = answered.json["claims"][0]["evidence"]
        return evidence


@pytest.fixture
def street(settings: Config, service_db: Callable[[str], Database]) -> Street:
    return Street(settings, service_db)


def test_a_photo_is_handed_in_cleaned_shown_and_kept_outside_the_databases(
    street: Street, working: Worker
) -> None:
    taken = photo()
    answered = street.hand_in(taken)

    assert answered.status_code == 303, words(answered.text)
    [one] = street.kept()
    assert (one["file_name"], one["media_type"]) == ("清雪后.jpg", "image/jpeg")
    shown = street.worker.client.get(f"{street.place}/evidence/{one['evidence_id']}")
    assert Image.open(io.BytesIO(shown.data)).size == (600, 400)
    assert b"Secretphone" not in shown.data
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    small = street.worker.client.get(f"{street.place}/evidence/{one['evidence_id']}?size=thumbnail")
    assert Image.open(io.BytesIO(small.data)).size == (320, 213)
    page = street.worker.page(street.page)
    assert 'alt="清雪后.jpg"' in page
    with street.database.reading() as tx:
        assert tx.session.scalars(sa.select(sa.func.length(uploads.c.content))).all() == [0]


def test_a_document_is_downloaded_under_its_name(street: Street, working: Worker) -> None:
    street.hand_in(made_word(), "清雪总结.doc")

    [one] = street.kept()
    assert one["file_name"] == "清雪总结.docx"
    got = street.worker.client.get(f"{street.place}/evidence/{one['evidence_id']}")
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"<script>alert(1)</script>", "只接受照片"), (b"", "请选择一张照片"), (b"%PDF-broken", "PDF 无法读取")],
)
def test_what_cannot_be_kept_is_refused_on_the_page_and_nothing_is_kept(
    street: Street, working: Worker, content: bytes, sentence: str
) -> None:
    answered = street.hand_in(content)

    assert answered.status_code == 422
    assert sentence in words(answered.text)
    assert street.kept() == []


def test_the_public_sees_it_once_staff_have_shown_it(street: Street, working: Worker) -> None:
    street.hand_in(photo())
    [one] = street.kept()
    public = f"/public{street.place}/evidence/{one['evidence_id']}"
    visitor = street.visitor()
    assert visitor.client.get(public).status_code == 404

    act = f"{street.place}/evidence/{one['evidence_id']}/show_evidence"
    assert street.worker.send(street.page, act, is_public="true").status_code == 303

    assert visitor.client.get(public).status_code == 200
    assert public in visitor.page(f"/public{street.page}")


def test_what_is_taken_back_goes_from_the_storage_a_day_later(
    street: Street, working: Worker, settings: Config
) -> None:
    street.hand_in(photo())
    [one] = street.kept()
    evidence_id = UUID(one["evidence_id"])
    act = f"{street.place}/evidence/{evidence_id}/withdraw_evidence"
    assert street.worker.send(street.page, act, reason="拍到了证件").status_code == 303
    assert street.kept() == []
    assert street.files.get(str(evidence_id))

    with street.database.transaction() as tx:
        tx.session.execute(sa.update(stored_files).values(noted_at=utc_now() - timedelta(days=2)))
    working._remove_free_files()

    for key in (str(evidence_id), thumbnail_key(evidence_id)):
        with pytest.raises(FileMissing):
            street.files.get(key)


def test_what_is_attached_stays_however_old_it_is(street: Street, working: Worker) -> None:
    street.hand_in(photo())
    [one] = street.kept()
    with street.database.transaction() as tx:
        tx.session.execute(sa.update(stored_files).values(noted_at=utc_now() - timedelta(days=400)))

    working._remove_free_files()

    assert street.files.get(one["evidence_id"])


def test_a_file_that_claims_refused_is_free_again(street: Street, working: Worker) -> None:
    answered = street.hand_in(photo(), milestone_id=str(uuid4()))

    assert answered.status_code == 422
    with street.database.reading() as tx:
        assert tx.session.scalars(sa.select(stored_files.c.is_attached)).all() == [False]


def test_whoever_sends_it_again_after_a_lost_answer_has_it_once(street: Street, working: Worker) -> None:
    for _ in range(2):
        file = (io.BytesIO(photo()), "清雪后.jpg")
        answered = street.api(f"{street.place}/evidence", "one-photo-0001", data={"file": file})
        assert answered.status_code == 201, answered.text

    assert len(street.kept()) == 1


def test_a_program_hands_in_downloads_and_takes_back(street: Street, working: Worker) -> None:
    place = f"{street.place}/evidence"
    answered = street.api(place, "one-photo-0002", data={"file": (io.BytesIO(photo()), "清雪后.jpg")})
    assert answered.status_code == 201, answered.text
    [one] = answered.json["claims"][0]["evidence"]

    got = street.api(f"{place}/{one['evidence_id']}")
    assert (got.status_code, got.content_type, len(got.data)) == (200, "image/jpeg", one["size"])
    gone = street.api(f"{place}/{one['evidence_id']}/withdrawal", "one-photo-0003", json={"reason": "重复"})
    assert gone.status_code == 200, gone.text
    assert street.api(f"{place}/{one['evidence_id']}").status_code == 404
    assert street.api(place, "one-photo-0004", json={}).status_code == 415


def test_strangers_do_not_learn_that_it_exists(street: Street, working: Worker) -> None:
    street.hand_in(photo())
    [one] = street.kept()
    outsider = Person(street.app.test_client())

    assert outsider.client.get(f"/api/v1{street.place}/evidence/{one['evidence_id']}").status_code == 401
    assert street.visitor().client.get(f"/public{street.place}/evidence/{uuid4()}").status_code == 404

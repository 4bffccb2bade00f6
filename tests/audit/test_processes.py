"""Sealing in the processes where it happens, one that is killed in the middle of it too."""

import sqlalchemy as sa

from services.chassis import audit_verify
from services.chassis.audit_chain import Signer
from services.chassis.audit_sealer import head_file
from services.chassis.audit_verify import Verdict
from tests.chassis.court import Court
from tests.chassis.processes import eventually

SERVES = 30


def verdict_on(court: Court) -> Verdict:
    with court.ping.engine.connect() as connection:
        file = head_file(court.config, "ping")
        return audit_verify.verify(connection, "ping", Signer(court.config), file=file)


def serve(court: Court, rally_id: object) -> None:
    for number in range(20, 20 + SERVES):
        # Longer than a process takes to come back.
        court.caller.call(
            "ping",
            "serve",
            {"rally_id": str(rally_id), "number": number},
            idempotency_key=f"{rally_id}-{number}",
            timeout=40,
        )


def written(court: Court) -> int:
    with court.ping.engine.connect() as connection:
        return int(connection.scalar(sa.text("SELECT count(*) FROM audit.entries")) or 0)


def until_all_are_chained(court: Court) -> None:
    eventually(lambda: verdict_on(court).size == written(court), within=60)


def test_acts_are_chained_and_signed_within_moments(court: Court, rally_id: object) -> None:
    court.run("ping")

    serve(court, rally_id)

    until_all_are_chained(court)
    eventually(lambda: verdict_on(court).last_head, within=90)
    assert verdict_on(court).is_sound


def test_a_process_killed_while_it_seals_leaves_a_chain_without_gap_or_double(
    court: Court, rally_id: object
) -> None:
    before = written(court)
    with court.running_alone(
        "ping", is_supervised=True, faultpoint="audit.linked,audit.chained:2"
    ) as process:
        serve(court, rally_id)

        until_all_are_chained(court)

        assert process.starts > 1
    assert written(court) == before + SERVES
    assert verdict_on(court).is_sound


def test_of_a_secret_act_nothing_is_kept_that_leads_to_a_person(court: Court, rally_id: object) -> None:
    court.run("ping")

    court.caller.call(
        "ping", "serve_quietly", {"rally_id": str(rally_id), "number": 1, "spell": "yes"}, request_id="0" * 32
    )

    entry = court.rows(court.ping, "SELECT * FROM audit.entries ORDER BY entry_id DESC LIMIT 1")[0]
    assert (entry.act, entry.actor_id) == ("ping.serve_quietly", "anonymous")
    assert (entry.address, entry.request_id, entry.after_hash, entry.record_id) == ("", "", None, None)

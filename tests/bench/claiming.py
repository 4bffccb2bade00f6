"""Claims fired at the gateway, each once, and counted."""

from dataclasses import dataclass, field
from typing import Any

from tests.bench.claims_city import ClaimsCity
from tests.bench.control import BenchFailed, Process
from tests.bench.ground import bounded_seconds

WON, REFUSED = "201", "409"
WARM_UP = 100


@dataclass
class Claiming:
    """`rivals` units try for each item; `won` counts the claims that were answered as won."""

    city: ClaimsCity
    http: Process
    rivals: int
    won: int = 0
    _fastest: float = field(default=0.0, repr=False)

    def warm_up(self) -> None:
        self.fire(self.city.take_claims(WARM_UP, rivals=self.rivals), 10, 20)

    def prepared(self, seconds: float) -> list[list[str]]:
        """More than can be made in the time, going by the fastest so far."""
        return self.city.take_claims(int(self._fastest * seconds * 1.5) + 50, rivals=self.rivals)

    def fire(self, claims: list[list[str]], at_once: int, seconds: float) -> dict[str, Any]:
        """In order, until they or the time are over; what was not sent is kept for later."""
        load: dict[str, Any] = self.http.ask(
            "once_each",
            port=self.city.ground.config.http_port,
            requests=claims,
            headers={"Authorization": f"Bearer {self.city.token}"},
            seconds=seconds,
            at_once=at_once,
            within=bounded_seconds(seconds),
        )
        strange = load["statuses"].keys() - {WON, REFUSED}
        if strange:
            raise BenchFailed(f"认领的应答里有 {strange}：{load['statuses']}")
        self.won += load["statuses"].get(WON, 0)
        self.city.put_back(claims[load["count"] :], rivals=self.rivals)
        self._fastest = max(self._fastest, load["rate"])
        return load

"""Personal data: the roll and its masked values, requests of persons, and the public's side of both."""

from gateway.pages.personal import privacy, requests, residents

BLUEPRINTS = (residents.blueprint, requests.blueprint, privacy.blueprint)

# SPDX-License-Identifier: Apache-2.0
"""How a device speaks MQTT: where the broker is, under which name, and which topics are its own."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.exceptions import NotFoundException

from fourleaf.app.pages import Office
from fourleaf.messaging.names import COMMANDS, READINGS, STATE, Mqtt, Name, of_user
from fourleaf.messaging.server import MOST_BYTES
from fourleaf.postgres.journal import Site

# Listening everywhere is no address to call.
EVERYWHERE = ("0.0.0.0", "::", "[::]")
DeviceName = Annotated[str, msgspec.Meta(min_length=1, max_length=110)]


@get("/r/{run:str}/sensing/devices/{device:str}/mqtt.json", tags=["sensing"])
async def mqtt(office: Office, site: Site, request: Request[Any, Any, Any], device: DeviceName) -> Mqtt:
    """How this device connects. The password is its secret; 404 when there is no broker."""
    settings, name = office.settings, Name(site.run.run, device)
    if settings.nats_url is None or of_user(name.user) != name:
        raise NotFoundException("no broker")
    host = settings.mqtt_host
    return Mqtt(
        host=(request.url.hostname or host) if host in EVERYWHERE else host,
        port=settings.mqtt_port,
        tls=settings.mqtt_cert is not None,
        user=name.user,
        client_id=name.client_id,
        topics={"readings": name.topic(READINGS), "state": name.topic(STATE), "commands": name.topic(COMMANDS)},
        most_bytes=MOST_BYTES,
    )


HANDLERS = (mqtt,)

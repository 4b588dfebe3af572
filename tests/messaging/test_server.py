# SPDX-License-Identifier: Apache-2.0
"""The broker's configuration: written for its owner alone, on the loopback unless a setting says otherwise."""

from pathlib import Path

from fourleaf.messaging import keys, server
from fourleaf.messaging.server import Ports


def test_the_configuration_and_the_keys_are_their_owners_alone(tmp_path: Path) -> None:
    ports = Ports(own=4222, mqtt_host="127.0.0.1", mqtt=1883)

    command = server.dress(tmp_path, ports, tmp_path / "nats.log")

    files = [Path(command[2]), tmp_path / "nats" / keys.FILE]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    assert (tmp_path / "nats").stat().st_mode & 0o777 == 0o700


def test_the_keys_are_made_once(tmp_path: Path) -> None:
    first, second = keys.ready(tmp_path), keys.ready(tmp_path)

    assert first == second
    assert len(set(first.passwords.values())) == 3


def test_only_mqtt_listens_elsewhere_and_tls_is_told_where_its_files_are(tmp_path: Path) -> None:
    ports = Ports(own=4222, mqtt_host="0.0.0.0", mqtt=1883, cert=Path("/c.pem"), key=Path('/k"ey.pem'))

    told = server.told(keys.ready(tmp_path), ports, store=tmp_path / "store", log=tmp_path / "log")

    assert told.count("0.0.0.0") == 1
    assert "host: 127.0.0.1\nport: 4222" in told
    assert 'tls { cert_file: "/c.pem", key_file: "/k\\"ey.pem" }' in told

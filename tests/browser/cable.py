# SPDX-License-Identifier: Apache-2.0
"""A cable between browser and server that a test can cut and mend: plain TCP, nothing of ours inside."""

import socket
import threading
from contextlib import suppress


class Cable:
    """Listens on a port of its own and carries every byte to the server while it is whole."""

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._whole = True
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._whole = False
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with self._listener, suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._whole:
                    threading.Thread(target=self._join, args=(near,), daemon=True).start()
                else:
                    near.close()

    def _join(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(self._server) as far:
            self._open |= {near, far}
            back = threading.Thread(target=_carry, args=(far, near), daemon=True)
            back.start()
            _carry(near, far)
            back.join()
            self._open -= {near, far}


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

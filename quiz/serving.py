"""The server: gunicorn, with threads that wait for a request to be there before they take it."""

from __future__ import annotations

import socket
from typing import Any

from gunicorn.app.base import BaseApplication


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from quiz import create_app, logs

        logs.to_stderr()
        return create_app()


def run(host: str, port: int, *, workers: int, threads: int) -> None:
    """Serve until interrupted; open requests are finished first."""
    # gthread: a plain worker is held by a connection that a browser opens ahead and sends nothing on.
    _Server(
        {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": True,  # made once and forked: a worker that died is replaced at once
            "graceful_timeout": 10,
            "keepalive": 5,
            "loglevel": "warning",
            "proc_name": "qimma",
            "control_socket_disable": True,
        }
    ).run()


def address_in_use(host: str, port: int) -> bool:
    """Whether something listens there already: said before anything is set up."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False

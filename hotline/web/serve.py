"""Serves the line: gunicorn with threads, one worker process or several."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from hotline.errors import HotlineError
from hotline.services.line import Line
from hotline.settings import Settings
from hotline.web.app import make_app

THREADS = 8


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: dict[str, Any], load: Callable[[], Any]) -> None:
        self._options = options
        self._load = load
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._load()


def serve(
    settings: Settings,
    open_line: Callable[[], Line],
    workers: int,
    host: str,
    in_worker: Callable[[Line], None] = lambda line: None,
) -> None:
    """Serve until SIGTERM. Each worker process opens its own line, and `in_worker` starts what else it does.

    Raises HotlineError where the port is taken.
    """
    _refuse_taken(host, settings.port)

    def load() -> Any:
        line = open_line()
        in_worker(line)
        return make_app(line)

    options = {
        "bind": f"{host}:{settings.port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "loglevel": "warning",
        "timeout": 30,
        "graceful_timeout": 15,
        "keepalive": 30,
        "worker_tmp_dir": None,
        "control_socket_disable": True,
    }
    _Server(options, load).run()


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise HotlineError(f"port {port} is taken: end what listens there, or set PORT") from None

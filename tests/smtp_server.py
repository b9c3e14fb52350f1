"""A mail server on loopback that takes what it is given, or refuses it: as much of SMTP as one mail needs."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread


class MailServer(socketserver.ThreadingTCPServer):
    """`taken` holds the mails that came; with `refuses` set it says no to every one, after the envelope.

    `says` has other answers by the word that they answer: HELLO for the greeting, END for the end of a text. An empty
    one cuts the line.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken: list[EmailMessage] = []
        self.refuses = False
        self.says: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        if not self._answers("HELLO", "220 mail.example.org"):
            return
        while line := self.rfile.readline():
            word = line.split()[0].upper().decode("ascii", "replace")
            if word == "DATA":
                usual = "451 not now" if self.server.refuses else "354 go on"
            else:
                usual = "221 bye" if word == "QUIT" else "250 fine"
            if not self._answers(word, usual) or word == "QUIT":
                return
            if word == "DATA" and self._last.startswith("354") and not self._takes_text():
                return

    def _takes_text(self) -> bool:
        lines = iter(self.rfile.readline, b".\r\n")
        self.server.taken.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]
        return self._answers("END", "250 taken")

    def _answers(self, word: str, usual: str) -> bool:
        self._last = self.server.says.get(word, usual)
        if self._last:
            self.wfile.write(f"{self._last}\r\n".encode())
        return bool(self._last)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server for as long as the block lasts."""
    with MailServer() as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()

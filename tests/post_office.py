"""A tiny SMTP server (RFC 5321) that answers as it is told and keeps what it was given."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CUT = ""  # as an answer: the connection ends without a word


class PostOffice(socketserver.ThreadingTCPServer):
    """`answers` holds, for a command, what is said the next times instead of yes; `letters` every text that was handed in."""

    allow_reuse_address = True
    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.port: int = self.server_address[1]
        self.answers: dict[str, list[str]] = {}
        self.commands: list[str] = []
        self.letters: list[bytes] = []


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        if not self._say("CONNECT", "220 here"):
            return
        for line in self.rfile:
            verb = line.decode().split()[0].upper()
            self.server.commands.append(line.decode().strip())
            said = self._say(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 yes"))
            if verb == "DATA" and said.startswith("354"):
                self.server.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                said = self._say("TEXT", "250 taken")
            if not said or verb == "QUIT":
                return

    def _say(self, command: str, usual: str) -> str:
        told = self.server.answers.get(command)
        answer = told.pop(0) if told else usual
        if answer:
            self.wfile.write(answer.encode() + b"\r\n")
        return answer


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Keep an office open for the length of the block."""
    with PostOffice() as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield office
        finally:
            office.shutdown()
            thread.join()

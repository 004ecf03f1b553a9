"""A tiny SMTP server (RFC 5321) that answers as it is told and keeps what it was given."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

USUAL = "usual"  # as an answer: yes, as when nothing was told
CUT = ""  # as an answer: the connection ends without a word
SILENT = "silent"  # as an answer: nothing is said any more, the connection stays


class PostOffice(socketserver.ThreadingTCPServer):
    """`answers` holds, for a command, what is said the next times instead of yes; `letters` every text that was handed in.

    Beside commands there are CONNECT, LINE (the first line of a text, which can be CUT) and TEXT (its end). `watch` is
    called before each answer with the command; `byte_seconds` is how long each byte of an answer takes.
    """

    allow_reuse_address = True
    daemon_threads = False

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Counter)
        self.port: int = self.server_address[1]
        self.answers: dict[str, list[str]] = {}
        self.commands: list[str] = []
        self.letters: list[bytes] = []
        self.watch: Callable[[str], object] = lambda _command: None
        self.byte_seconds = 0.0
        self.closing = threading.Event()


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        with suppress(ConnectionError):  # who hangs up in the middle is not waited for
            self._serve()

    def _serve(self) -> None:
        if not self._say("CONNECT", "220 here"):
            return
        for line in self.rfile:
            verb = line.decode().split()[0].upper()
            self.server.commands.append(line.decode().strip())
            said = self._say(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 yes"))
            if verb == "DATA" and said.startswith("354"):
                text = self._text()
                if text is None:
                    return
                self.server.letters.append(text)
                said = self._say("TEXT", "250 taken")
            if not said or verb == "QUIT":
                return

    def _text(self) -> bytes | None:
        """Return the text handed in, None when the connection ended before its end."""
        lines = [self.rfile.readline()]
        if self._told("LINE", USUAL) == CUT:
            return None
        while lines[-1] not in (b"", b".\r\n"):
            lines.append(self.rfile.readline())
        return b"".join(lines[:-1]) if lines[-1] else None

    def _say(self, command: str, usual: str) -> str:
        self.server.watch(command)
        answer = self._told(command, usual)
        if answer == SILENT:
            self.server.closing.wait()
            return CUT
        if answer and self.server.byte_seconds:
            for byte in answer.encode() + b"\r\n":
                time.sleep(self.server.byte_seconds)
                self.wfile.write(bytes([byte]))
        elif answer:
            self.wfile.write(answer.encode() + b"\r\n")
        return answer

    def _told(self, command: str, usual: str) -> str:
        told = self.server.answers.get(command)
        answer = told.pop(0) if told else USUAL
        return usual if answer == USUAL else answer


@contextmanager
def post_office(port: int = 0) -> Iterator[PostOffice]:
    """Keep an office open for the length of the block."""
    with PostOffice(port) as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield office
        finally:
            office.closing.set()
            office.shutdown()
            thread.join()

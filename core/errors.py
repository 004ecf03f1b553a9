"""What can go wrong when somebody asks for something, each with its HTTP status and words for the person."""


class DomainError(Exception):
    """A refusal with words for the person who asked, shown at `field` when it belongs to one.

    Where it is a page of its own, `title` stands over it; an empty one follows from the status.
    """

    status = 422
    field: str | None = None
    title: object = ""

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field or self.field


class NotAllowed(DomainError):
    status = 403


class NotFound(DomainError):
    status = 404


class Conflict(DomainError):
    """Somebody or something was first: closed meanwhile, already decided."""

    status = 409


class Gone(DomainError):
    status = 410


class LinkDead(Gone):
    """The link of a letter does not work any more; `again` is the endpoint where a new one can be had."""

    def __init__(self, message: str, *, again: str) -> None:
        super().__init__(message)
        self.again = again


class TooManyRequests(DomainError):
    """Asked too often; `wait_seconds` is how long until the next try can succeed."""

    status = 429

    def __init__(self, message: str, *, wait_seconds: int) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class Busy(DomainError):
    """The site cannot do it this moment; the same request may succeed in `wait_seconds`."""

    status = 503
    wait_seconds = 5

"""Letters about one address, at its owner's word: what is known of them, and forgetting it."""

import email
import email.policy
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import delete, or_, select

from core.bounces import PausedAddress
from core.database import db
from core.forms import email_key
from core.jobs import Job
from core.mail import letters_laid_down
from core.tokens import hash_of


def letters_about(address: str, seeds: Collection[str] = ()) -> list[Job]:
    """Return the letters to an address, or that name it, as far as anything of them is left; the oldest first.

    `seeds` is what letters to it know it by.
    """
    marks = {address, email_key(address), *seeds}
    about = hash_of(email_key(address))
    left = select(Job).where(or_(Job.outcome.is_distinct_from("sent"), Job.about == about)).order_by(Job.id)
    return [
        job
        for job in db.session.scalars(left.execution_options(yield_per=1000))
        if job.about == about
        or (job.recipient is not None and email_key(job.recipient) == email_key(address))
        or any(value in marks for value in job.payload.values() if isinstance(value, str))
    ]


def letter_files(address: str) -> Iterator[Path]:
    """Yield the files of letters to an address that lie in the outbox."""
    for path in letters_laid_down():
        with suppress(FileNotFoundError):  # housekeeping was first
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if email_key(str(letter["To"] or "")) == email_key(address):
                yield path


def stored_about(address: str, seeds: Collection[str] = ()) -> dict[str, Any]:
    """Return what is known of letters to an address, as plain values."""
    paused = db.session.get(PausedAddress, email_key(address))
    return {
        "letters": [
            {"kind": job.kind, "at": job.created_at.isoformat(), "outcome": job.outcome, "error": job.last_error}
            for job in letters_about(address, seeds)
        ],
        "letter_files": sorted(path.name for path in letter_files(address)),
        "paused": {"since": paused.created_at.isoformat(), "reason": paused.reason} if paused else None,
    }


def forget(address: str, seeds: Collection[str] = ()) -> None:
    """Drop the letters to an address and the pause; files in the outbox go at once, whatever becomes of the transaction."""
    for job in letters_about(address, seeds):
        db.session.delete(job)
    db.session.execute(delete(PausedAddress).where(PausedAddress.email_key == email_key(address)))
    for path in list(letter_files(address)):
        path.unlink(missing_ok=True)

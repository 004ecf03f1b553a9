"""The site's own folder and the key in it."""

import os
import secrets

from core.config import Settings, WrongSetting

KEY_BYTES = 32


def prepare_instance(chosen: Settings) -> None:
    """Make the instance folder with its secret key, once."""
    chosen.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = chosen.instance / "secret_key"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
        try:
            os.link(draft, path)  # never over a key another process made meanwhile
        except FileExistsError:
            pass
        finally:
            draft.unlink()


def secret_key(chosen: Settings) -> str:
    """Return the site's key, 256 random bits in hexadecimal. Raises WrongSetting when it is not that."""
    key = (chosen.instance / "secret_key").read_text().strip()
    if len(key) < 2 * KEY_BYTES or len(set(key)) < 8:
        raise WrongSetting(
            "secret_key in the instance folder is too short; delete the file to have a new one made (everyone is logged out)"
        )
    return key

"""The key that signs forms and from which PINs and the keys of second factors are worked out."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

SECRET_FILE = "secret"  # noqa: S105  (a file's name)


def secret_key(config: dict[str, Any]) -> str:
    """The key that signs forms: given, or made once beside the embedded database (mode 600).

    Raises RuntimeError when another machine may share the database and no key is given.
    """
    if config["SECRET_KEY"]:
        return str(config["SECRET_KEY"])
    if config["DATABASE_URL"] and not config["DATABASE_URL"].startswith("sqlite"):
        raise RuntimeError("QIMMA_SECRET_KEY must be set when QIMMA_DATABASE_URL names a database server")
    file = Path(config["DATA_DIR"]) / SECRET_FILE
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        # Linked when it is whole: whoever starts at the same moment, or after a start that was killed, reads all of it.
        with NamedTemporaryFile("w", dir=file.parent, encoding="ascii") as made:  # mode 600
            made.write(secrets.token_urlsafe(48))
            made.flush()
            os.fsync(made.fileno())
            with suppress(FileExistsError):
                os.link(made.name, file)
    return file.read_text("ascii")

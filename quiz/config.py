"""Every setting, its default and its meaning. Each is read from the environment as QIMMA_<NAME>."""

from __future__ import annotations

import os
from pathlib import Path

# Folder of the embedded database and of the secret that signs cookies.
DATA_DIR: str = str(Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "qimma")

# SQLAlchemy address of the database; empty: an SQLite file in DATA_DIR.
# PostgreSQL: postgresql+psycopg://user:password@host/name
DATABASE_URL: str = ""

# Signs the forms' tokens. Empty: made once and kept in DATA_DIR, with the embedded database only.
SECRET_KEY: str = ""

# The address by which people reach the site, as in https://quiz.example.org; used in links that leave it.
# With https, cookies are sent over encrypted lines only.
PUBLIC_URL: str = ""

# Server processes, and threads in each.
WORKERS: int = 2
THREADS: int = 2

# Proxies in front of the site whose X-Forwarded-* headers are believed.
PROXIES: int = 0

# Bodies above this many bytes are refused.
MAX_CONTENT_LENGTH: int = 256 * 1024
MAX_FORM_MEMORY_SIZE: int = 256 * 1024
MAX_FORM_PARTS: int = 500

# Days for which a browser stays signed in, and hours for which a one-time link works.
LOGIN_DAYS: int = 180
LINK_HOURS: int = 72

# Days without any form sent after which an account has to sign in again, and those of instructors and administrators.
# Guests are left alone: nothing else would bring them back to what they did.
IDLE_DAYS: int = 90
TEACHER_IDLE_DAYS: int = 14

# The mail server that takes letters for those who forgot their password: smtp://user:password@host:587 (encrypted
# where the server can) or smtps://user:password@host:465. Empty: nobody is asked for an address.
MAIL_URL: str = ""

# Whom those letters are from: an address, or a name with one, as in Qimma <qimma@example.org>.
MAIL_FROM: str = ""

NUMBERS = (
    "WORKERS",
    "THREADS",
    "PROXIES",
    "MAX_CONTENT_LENGTH",
    "MAX_FORM_MEMORY_SIZE",
    "MAX_FORM_PARTS",
    "LOGIN_DAYS",
    "LINK_HOURS",
    "IDLE_DAYS",
    "TEACHER_IDLE_DAYS",
)

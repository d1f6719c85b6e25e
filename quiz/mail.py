"""Letters: to a mail server and no further. Knows nothing of people, texts or pages."""

from __future__ import annotations

import logging
import smtplib
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

log = logging.getLogger(__name__)
SECONDS = 10
_HERE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Letter:
    to: str
    subject: str
    text: str


def check(config: Mapping[str, object]) -> None:
    """Raises RuntimeError, in a sentence for the operator, on settings with which no letter could be sent."""
    if not config["MAIL_URL"]:
        return
    parts = urlsplit(str(config["MAIL_URL"]))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise RuntimeError("QIMMA_MAIL_URL must be smtp://user:password@host:port or smtps://user:password@host:port")
    if "@" not in parseaddr(str(config["MAIL_FROM"]))[1]:
        raise RuntimeError("QIMMA_MAIL_FROM must be an address when QIMMA_MAIL_URL is set")
    if not config["PUBLIC_URL"]:
        # Never from the request: whoever asks could name another host, and the link would lead there.
        raise RuntimeError("QIMMA_PUBLIC_URL must be set when QIMMA_MAIL_URL is: letters hold links to it")


def send(config: Mapping[str, object], letters: Iterable[Letter]) -> bool:
    """Hand letters to the mail server. False when it did not take them all; why stands in the log."""
    try:
        with _connected(urlsplit(str(config["MAIL_URL"]))) as server:
            for letter in letters:
                server.send_message(_message(letter, str(config["MAIL_FROM"])))
    except (OSError, smtplib.SMTPException) as error:
        log.warning("the mail server did not take a letter: %s", type(error).__name__)
        return False
    return True


def later(work: Callable[[], object]) -> None:
    """Do it beside the request, so that its time tells nothing of what there was to do."""

    def run() -> None:
        try:
            work()
        except Exception:
            log.exception("a letter was not sent")

    threading.Thread(target=run, name="mail").start()


def _connected(address: SplitResult) -> smtplib.SMTP:
    host, name = address.hostname or "", unquote(address.username or "")
    secure = ssl.create_default_context()
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, address.port or 465, timeout=SECONDS, context=secure)
    else:
        server = smtplib.SMTP(host, address.port or 587, timeout=SECONDS)
    try:
        encrypted = address.scheme == "smtps"
        if not encrypted:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=secure)
                encrypted = True
        if name:
            if not encrypted and host not in _HERE:
                raise smtplib.SMTPException("no password goes over a line in clear")
            server.login(name, unquote(address.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _message(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"], message["Auto-Submitted"] = formatdate(), "auto-generated"
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    message.set_content(letter.text)
    return message

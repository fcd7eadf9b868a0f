"""A mail server for the force: a real one, on a free port of this machine, that answers as it is told to."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "vigil", "pass word/1"
_SPAN = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36500))


@dataclass
class Mail:
    """The server's post room: what it got, and what it is told to say."""

    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    to_recipient: str = ""  # said instead of accepting a recipient
    to_data: str = ""  # said instead of taking a letter
    hangs_up: str = ""  # at which command it is gone: EHLO, RCPT or DATA
    port: int = 0

    def url(self, sign_in: str = "", scheme: str = "smtp") -> str:
        """Give the setting that names this server."""
        return f"{scheme}://{sign_in}127.0.0.1:{self.port}"

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, session: Session, _envelope: Envelope, host: str, said: list[str]
    ) -> list[str]:
        """Greet, or go."""
        self._maybe_go(server, "EHLO")
        session.host_name = host
        return said

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or say what we were told to say."""
        self._maybe_go(server, "RCPT")
        if self.to_recipient:
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a letter, or say what we were told to say."""
        if self._maybe_go(server, "DATA"):
            return ""
        if self.to_data:
            return self.to_data
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.raw.append(envelope.content)
        self.letters.append(letter)
        self.recipients.append(list(envelope.rcpt_tos))
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def signs_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Let one user in."""
        assert isinstance(given, LoginPassword)
        right = (given.login.decode(), given.password.decode()) == (USER, PASSWORD)
        if right:
            self.signed_in.append(given.login.decode())
        return AuthResult(success=right, handled=False)

    def _maybe_go(self, server: SMTP, command: str) -> bool:
        if self.hangs_up != command:
            return False
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()
        return True


class _AnyPort(Controller):
    """A controller that finds out which port it was given."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's own


@contextmanager
def open_mail(tls: Path | None = None, *, passwords: bool = False, at_once: bool = False) -> Iterator[Mail]:
    """Open a mail server; with `tls` (a folder for its certificate) by STARTTLS, or from the first byte."""
    mail = Mail()
    context = _context(tls) if tls else None
    more: dict[str, Any] = {"authenticator": mail.signs_in, "auth_required": True} if passwords else {}
    more |= {"auth_require_tls": bool(tls)} if passwords else {}
    more |= {"tls_context": context, "require_starttls": True} if context and not at_once else {}
    controller = _AnyPort(
        mail,
        hostname="127.0.0.1",
        port=0,
        ready_timeout=10,
        ssl_context=context if at_once else None,
        enable_SMTPUTF8=False,
        decode_data=False,
        **more,
    )
    controller.start()
    mail.port = controller.port
    try:
        yield mail
    finally:
        controller.stop()


def _context(folder: Path) -> ssl.SSLContext:
    """Make a certificate that only its own machine believes, as a relay on the same machine does."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.force.test")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *_SPAN)
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    kinds = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "mail.pem").write_bytes(pem + key.private_bytes(*kinds))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "mail.pem")
    return context

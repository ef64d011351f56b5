"""One connection to a mail server: opened with TLS and a login, handed one letter at a time, and exact about when
a lost connection leaves it open whether a letter arrived (RFC 1047)."""

import re
import smtplib
import socket
import ssl
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal, NamedTuple

Security = Literal["starttls", "tls", "none"]
Step = Literal["sender", "reader", "letter", "end", "lost"]
"""What a server answered last: MAIL FROM, RCPT TO, DATA, the final dot; or nothing any more."""

LAST_WORD = 10
"""How many times the usual timeout the server may take over a letter that it has whole (RFC 5321, 4.5.3.2.6)."""
ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")
LONGEST_REPLY = 200
CA_FILE = "for a company's own authority, name the file of its certificate: ca_file"


class Route(NamedTuple):
    """How a server is reached. `timeout` in seconds, for each step; `hello` is what we call ourselves."""

    host: str
    port: int
    security: Security
    hello: str
    timeout: float = 60.0
    user: str = ""
    password: str = ""
    ca_file: Path | None = None


class RelayError(Exception):
    """The server cannot be used: what is wrong, what to do, and whether it may pass by itself."""

    def __init__(self, what: str, todo: str = "", passing: bool = False) -> None:
        super().__init__(what)
        self.what, self.todo, self.passing = what, todo, passing


class Said(NamedTuple):
    """How far a letter came, and the server's words at that point, without addresses."""

    step: Step
    code: int = 0
    reply: str = ""
    whole: bool = False
    """Had the final dot been sent? Then only an answer tells whether the letter was taken."""


class Relay:
    """A mail server, connected to when it is needed."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.handed = 0
        """Letters since the connection was opened."""
        self.whole = False
        """Was the final dot of the last letter sent? True from just before it is."""
        self._smtp: smtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        """Is there a connection, as far as we know?"""
        return self._smtp is not None

    def open(self) -> None:
        """Connect, secure the connection, log in. Raises RelayError, in which neither address nor password stands."""
        self.handed = 0
        route = self.route
        try:
            smtp = self._connected()
        except ssl.SSLCertVerificationError as error:
            raise RelayError(f"its certificate is not to be trusted: {error.verify_message}", CA_FILE) from None
        except ssl.SSLError as error:
            todo = 'is it the right port? 465 goes with security = "tls", 587 with "starttls"'
            raise RelayError(f"does not speak TLS as it should ({error.reason})", todo) from None
        except smtplib.SMTPResponseException as error:
            raise RelayError(f"will not have us ({error.smtp_code})", "try later", _passing(error.smtp_code)) from None
        except smtplib.SMTPServerDisconnected:
            raise RelayError("hung up at once", f"is {route.port} its port?", passing=True) from None
        except UnicodeError:
            raise RelayError("has no name that a server can have", "check host") from None
        except OSError as error:
            todo = "check host and port, and that this machine may reach them"
            raise RelayError(f"cannot be reached: {error.strerror or error}", todo, passing=True) from None
        with ExitStack() as held:
            held.callback(smtp.close)
            self._prepare(smtp)
            held.pop_all()
        self._smtp = smtp

    def _connected(self) -> smtplib.SMTP:
        route = self.route
        if route.security != "tls":
            return smtplib.SMTP(route.host, route.port, route.hello, route.timeout)
        return smtplib.SMTP_SSL(
            route.host, route.port, local_hostname=route.hello, timeout=route.timeout, context=self._trust()
        )

    def _prepare(self, smtp: smtplib.SMTP) -> None:
        try:
            assert smtp.sock is not None
            # Without it every letter waits for the server's delayed acknowledgement: 44 ms on loopback.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            smtp.ehlo()
            if self.route.security == "starttls":
                self._encrypt(smtp)
            if self.route.user:
                self._log_in(smtp)
        except ssl.SSLCertVerificationError as error:
            raise RelayError(f"its certificate is not to be trusted: {error.verify_message}", CA_FILE) from None
        except ssl.SSLError as error:
            raise RelayError(f"does not speak TLS as it should ({error.reason})") from None
        except OSError:  # all that smtplib raises is one
            raise RelayError("hung up before anything was sent", "try later", passing=True) from None

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        todo = 'nothing is sent in the open; port 465 goes with security = "tls"'
        if not smtp.has_extn("starttls"):
            raise RelayError("does not offer to encrypt (STARTTLS)", todo)
        try:
            smtp.starttls(context=self._trust())
        except smtplib.SMTPResponseException as error:
            raise RelayError(f"refuses to encrypt ({error.smtp_code})", todo, _passing(error.smtp_code)) from None
        smtp.ehlo()

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        if not smtp.has_extn("auth"):
            raise RelayError("offers no login", "leave out user and password_env, or try another port")
        try:
            smtp.login(self.route.user, self.route.password)
        except smtplib.SMTPResponseException as error:
            todo = "check user, and the variable that password_env names"
            raise RelayError(f"refuses the login ({error.smtp_code})", todo, _passing(error.smtp_code)) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException:
            raise RelayError("knows none of the ways to log in: PLAIN, LOGIN, CRAM-MD5") from None

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.route.ca_file:
            try:
                context.load_verify_locations(cafile=self.route.ca_file)
            except ssl.SSLError:
                raise RelayError(f"{self.route.ca_file} is no certificate in PEM", CA_FILE) from None
            except OSError as error:
                raise RelayError(f"{self.route.ca_file} cannot be read: {error.strerror}", CA_FILE) from None
        return context

    def hand(self, sender: str, to: str, letter: bytes) -> Said:
        """Hand over one letter and say how far it came. The relay must be open; it is closed where it was lost."""
        smtp, self.whole = self._smtp, False
        assert smtp is not None
        assert smtp.sock is not None
        self.handed += 1
        stuffed = re.sub(rb"(?m)^\.", b"..", letter)
        try:
            size = [f"SIZE={len(letter)}"] if smtp.has_extn("size") else []
            if (said := self._said("sender", smtp.mail(sender, size), to)).code // 100 != 2:
                return self._after(said)
            if (said := self._said("reader", smtp.rcpt(to), to)).code // 100 != 2:
                return self._after(said)
            if (said := self._said("letter", smtp.docmd("DATA"), to)).code != 354:
                return self._after(said)
            smtp.send(stuffed)
            # Up to here a server must forget the letter when the connection goes; from here it may keep it.
            smtp.sock.settimeout(self.route.timeout * LAST_WORD)
            self.whole = True
            smtp.send(b".\r\n")
            said = self._said("end", smtp.getreply(), to)
            smtp.sock.settimeout(self.route.timeout)
            return self._after(said)
        except OSError:
            self._drop()
            return Said("lost", whole=self.whole)

    def _said(self, step: Step, answer: tuple[int, bytes], to: str) -> Said:
        code, reply = answer
        text = reply.decode("ascii", "replace")
        for secret in filter(None, (self.route.password, to)):
            text = re.sub(re.escape(secret), "…", text, flags=re.IGNORECASE)
        return Said(step, code, " ".join(ADDRESS.sub("…", text).split())[:LONGEST_REPLY], step == "end")

    def _after(self, said: Said) -> Said:
        """Make the connection ready for the next letter, or give it up; an answer that is none is a lost connection."""
        expected = said.code // 100 in (4, 5) or (said.step == "end" and said.code // 100 == 2)
        if said.code == 421 or not expected:
            self._drop()
            return said if expected else Said("lost", whole=said.whole)
        if said.step != "end" and self._smtp is not None:
            try:
                if self._smtp.rset()[0] != 250:
                    self._drop()
            except OSError:
                self._drop()
        return said

    def close(self) -> None:
        """Take leave of the server and let go of the connection."""
        if self._smtp is not None and self._smtp.sock is not None:
            with suppress(OSError):
                self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        # No QUIT: the server may be waiting for the rest of a letter, and would take the word for part of it.
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _passing(code: int) -> bool:
    return code // 100 == 4

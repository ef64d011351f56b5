"""What went wrong with a request, in words, and whether another try may help."""

import json
import os
import re
import ssl
from collections.abc import Iterable

REFUSALS = (429, 503)
"""Said by a site that is asked too much, or cannot do more."""
TROUBLES = (408, 500, 502, 504, 520, 521, 522, 523, 524)
"""Said by a site, or by what stands before it, that may well answer in a few seconds."""
SAID = 120
"""Characters of a site's own words that are passed on."""
PLAIN = re.compile(r"[\w ,.;:'’()/+-]+")
LATER = "try again later"
LESS = "ask less of it: fewer pages, a longer spacing; then try again later"


class FailedError(Exception):
    """A request that came to nothing; no secret and no query is in the words."""

    def __init__(self, what: str, todo: str, again: bool = False) -> None:
        super().__init__(what)
        self.what, self.todo, self.again = what, todo, again


def judged(status: int, keyed: bool) -> tuple[str, str]:
    """What a status means, and what to do; `keyed`: a key was sent."""
    match status:
        case 400 | 422:
            return (
                f"cannot make sense of the request (HTTP {status})",
                "are the names and the query in the config right?",
            )
        case 401 | 403 | 407 if keyed:
            return f"does not let us in (HTTP {status})", "is the key right, and still valid?"
        case 401 | 403 | 407:
            return (
                f"does not let us in (HTTP {status})",
                "it may want a key: see docs/sources.md; or it refuses programs",
            )
        case 404 | 410:
            return f"has nothing at this address (HTTP {status})", "is the address right, and the name behind it?"
        case 406:
            return "does not want to answer this (HTTP 406)", LESS
        case 429:
            return "says that it is asked too much (HTTP 429)", LESS
        case 413 | 414:
            return f"was asked for too much at once (HTTP {status})", "ask for less at once"
        case 503:
            return "cannot answer now (HTTP 503)", LATER
        case _ if status >= 500:
            return f"has trouble of its own (HTTP {status})", LATER
        case _ if 300 <= status < 400:
            return f"sends us elsewhere and does not say where (HTTP {status})", "look at the address in a browser"
    return f"gave an answer that nobody expected (HTTP {status})", "look at the address in a browser"


def said(body: bytes, secrets: Iterable[str]) -> str:
    """A refusal's own words, where they are plain and give nothing away: `: "Rate exceeded."`; else nothing."""
    text = body.decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
        words = [answer.get(name) for name in ("message", "detail", "error")] if isinstance(answer, dict) else []
        text = next((word for word in words if isinstance(word, str)), "")
    except (ValueError, RecursionError):
        pass
    secret = any(secret in text for secret in secrets)
    text = " ".join(text[: 4 * SAID].split())[:SAID].rstrip()
    return f": “{text}”" if PLAIN.fullmatch(text) and not secret else ""


def unreachable(error: Exception, proxied: bool) -> FailedError:
    """Why no connection could be made; `proxied`: to the proxy that this machine is set to use."""
    inner = error.args[0] if error.args else None
    match inner:
        case ssl.SSLCertVerificationError():
            what = f"its certificate is not trusted ({inner.verify_message or 'not valid'})"
            return FailedError(
                what, "is the address right, and this machine's clock? A mirror may need its own authority"
            )
        case ssl.SSLError():
            return FailedError("no secure connection could be made", "is the address right, and is it https?")
        case _ if proxied:
            what = "cannot be reached: the proxy that this machine is set to use does not answer"
            return FailedError(what, "check HTTPS_PROXY, or unset it", again=True)
        case OSError() if inner.errno and not isinstance(inner, TimeoutError):
            return FailedError(f"cannot be reached: {os.strerror(inner.errno).lower()}", LATER, again=True)
    return FailedError("cannot be reached", f"is this machine online? If so, {LATER}", again=True)

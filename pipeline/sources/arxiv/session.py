"""arXiv over HTTP: every answer is whole and what it should be, else a typed error says what came instead.

The `arxiv` package has no timeout, retries every status but ignores `Retry-After`, and takes any HTML page with status
200 (a captcha), a broken off or a wrong answer for a short list; so its session is this one.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from pipeline.errors import ReadingError, SourceBusy, SourceError, UnknownPaper
from pipeline.sources.pace import Pace, Throttled
from store.records import now

TIMEOUT = (5.0, 30.0)
LONGEST = 600.0
LARGEST_FEED = 64
"""MiB; a page of 100 papers has a quarter of one."""
MOST_REDIRECTS = 5
PIECE = 64 * 1024
BUSY = (406, 429, 500, 502, 503, 504)
LATER = "Try again in some minutes."
BROWSER = "Open the paper in a browser and give Razbor the PDF."
FOR_PEOPLE = re.compile(rb"captcha|robot|automated|verify you|unusual|too many|rate limit|slow down", re.IGNORECASE)
WEB_PAGE = re.compile(rb"\s*<(?:!doctype\s+)?html", re.IGNORECASE)
ERROR_ENTRY = re.compile(rb"<id>[^<]*/api/errors[^<]*</id>.*?<summary[^>]*>([^<]*)", re.DOTALL)


class ArxivSession(requests.Session):
    """Asks at the common pace; takes in answers within limits of size and time.

    Args:
        longest: seconds for one whole answer.
        clock: seconds, for that limit.
    """

    def __init__(self, pace: Pace, *, longest: float = LONGEST, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.max_redirects = MOST_REDIRECTS
        self.headers["User-Agent"] = "razbor (polite reader of papers)"
        self._pace, self._longest, self._clock = pace, longest, clock

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """What the package asks for: one page of the API, as a whole Atom feed.

        Raises:
            SourceBusy: no connection, broken off, or too slow; 406, 429, 5xx or a captcha after long waits (`gave_up`).
            UnknownPaper: the API does not take the id or the query; the message repeats its words.
            SourceError: something else than a feed.
        """
        return self._pace.ask(partial(self._feed, str(url), kwargs.get("headers")))

    def pdf(self, url: str, most_mib: int) -> bytes:
        """A PDF of at most so many MiB.

        Raises:
            SourceBusy: as `request`.
            UnknownPaper: 404.   SourceError: what came is no PDF.   ReadingError: larger than the limit.
        """
        answer = self._pace.ask(partial(self._take, url, None, most_mib))
        body: bytes = answer.content
        if b"%PDF-" not in body[:1024]:
            raise SourceError("arXiv sent something that is not a PDF.", BROWSER)
        if _unmeasured(answer) and b"%%EOF" not in body[-2048:]:
            raise _broken(f"after {len(body)} bytes")
        return body

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Follow arXiv to itself only.

        Raises:
            SourceError: a redirect elsewhere, such as to the login page of a network.
        """
        target = super().get_redirect_target(resp)
        host, asked = urlsplit(target or "").hostname, urlsplit(resp.url or "").hostname
        if host and host != asked and not f".{host}".endswith(".arxiv.org"):
            resp.close()
            raise SourceError(f"arXiv's address leads to another host, {host}.", "Log in to the network, or check it.")
        return target

    def _feed(self, url: str, headers: dict[str, str] | None) -> requests.Response:
        answer = self._take(url, headers, LARGEST_FEED)
        body = answer.content.strip()
        if b"<feed" not in body[:2000]:
            raise SourceError("arXiv's API answers with something else than its Atom feed.", LATER)
        if not body.endswith(b"</feed>"):
            raise _broken("in the middle of its list")
        _raise_error_entry(body)
        return answer

    def _take(self, url: str, headers: dict[str, str] | None, most_mib: int) -> requests.Response:
        began = self._clock()
        try:
            answer = super().request("GET", url, headers=headers, stream=True, timeout=TIMEOUT)
        except requests.TooManyRedirects as error:
            if error.response is not None:
                error.response.close()
            raise SourceError("arXiv redirects in a circle.", LATER) from error
        except requests.RequestException as error:
            raise SourceBusy(
                f"arXiv cannot be reached ({type(error).__name__}).", "Check the network, then try again."
            ) from error
        with answer:
            pieces, data = _pieces(answer), bytearray()
            first = next(pieces, b"")
            refuse(answer, first)
            data += first
            for piece in pieces:
                data += piece
                if len(data) > most_mib * 2**20:
                    raise ReadingError(f"arXiv's answer is larger than {most_mib} MiB.", "Raise RAZBOR_READ_BYTES.")
                if self._clock() - began > self._longest:
                    raise SourceBusy(f"arXiv's answer took longer than {self._longest:g} s.", LATER)
        answer._content = bytes(data)  # where `requests` itself keeps a body that was read
        return answer


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    """The body as it comes. `iter_content` waits for a full piece, for hours where a byte comes now and then."""
    try:
        while piece := answer.raw.read1(PIECE, decode_content=True):
            yield piece
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise _broken(f"({type(error).__name__})") from error


def _broken(how: str) -> SourceBusy:
    return SourceBusy(f"arXiv's answer broke off {how}.", LATER)


def _unmeasured(answer: requests.Response) -> bool:
    """Nothing but the end of the connection says where the body ends."""
    return "Content-Length" not in answer.headers and "chunked" not in answer.headers.get("Transfer-Encoding", "")


def refuse(answer: requests.Response, beginning: bytes) -> None:
    """Tell a busy arXiv, an unknown paper and a page for people from an answer, by its head and first bytes.

    Raises:
        Throttled: 406, 429, 5xx, or a captcha.
        UnknownPaper: 400 or 404.
        SourceError: any other status, or a web page.
    """
    status = answer.status_code
    page = "html" in answer.headers.get("Content-Type", "").lower() or WEB_PAGE.match(beginning)
    if status in BUSY:
        raise Throttled(f"arXiv answers {status}.", wait=_retry_after(answer))
    if page and status in (requests.codes.OK, requests.codes.FORBIDDEN) and FOR_PEOPLE.search(beginning):
        raise Throttled("arXiv answers with a page for people (a captcha) instead of data.", wait=_retry_after(answer))
    if status in (400, 404):
        _raise_error_entry(beginning)
        raise UnknownPaper("arXiv knows no such paper.", "Check the id.")
    if status != requests.codes.OK:
        raise SourceError(f"arXiv refuses the request with status {status}.", BROWSER)
    if page:
        raise SourceError("arXiv answers with a web page instead of data.", BROWSER)


def _raise_error_entry(feed: bytes) -> None:
    if found := ERROR_ENTRY.search(feed):
        words = " ".join(html.unescape(found[1].decode(errors="replace")).split())
        raise UnknownPaper(f"arXiv answers: {words.rstrip('.')}.", "Check the id or the query.")


def _retry_after(answer: requests.Response) -> float | None:
    """The seconds that `Retry-After` names, as a number or as a date."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - now()).total_seconds())
    except (ValueError, TypeError):  # absent, nonsense, or a time without a zone
        return None

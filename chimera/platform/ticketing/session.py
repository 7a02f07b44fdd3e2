"""The HTTP session that pysnow gets: short waits, few retries, no surprise proxies."""

from __future__ import annotations

import time

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.util.retry import Retry

from chimera.platform.loopback import is_loopback

LONGEST_WAIT = 3.0  # seconds; whoever asks for more is asked again by Temporal


class Briefly(Retry):
    """Retries a 429 after the wait it names, if that is short.

    A 429 was not carried out, so any method may be sent again. A lost reply may have been: it is
    never repeated here, the caller looks first.
    """

    RETRY_AFTER_STATUS_CODES = frozenset({429})

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        asked = super().get_retry_after(response)
        if asked is None and (reset := response.headers.get("X-RateLimit-Reset", "")).isdigit():
            asked = max(0.0, float(reset) - time.time())
        return None if asked is None else min(asked, LONGEST_WAIT)


def new_session(url: str, user: str, password: str) -> requests.Session:
    """A session with basic authentication and brief retries."""
    session = requests.Session()
    session.auth = (user, password)
    session.max_redirects = 0  # a ticket goes to the address in the settings, and nowhere else
    session.trust_env = not is_loopback(url)
    retries = Briefly(
        total=2,
        connect=1,
        read=0,
        status=1,
        redirect=0,
        status_forcelist=(429,),
        allowed_methods=None,
        backoff_factor=0.2,
        raise_on_status=False,
        raise_on_redirect=False,
    )
    adapter = HTTPAdapter(max_retries=retries)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session

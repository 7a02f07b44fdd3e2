"""What goes wrong between us and ServiceNow, in Chimera's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from pysnow import exceptions as pysnow

from chimera.domain import Misconfigured, NotFound, Refused, Unavailable

SERVICE = "ServiceNow"


@contextmanager
def translated(asked: str, user: str) -> Iterator[None]:
    """Turn HTTP's and pysnow's errors into Refused (never retried) or Unavailable (retried)."""
    try:
        yield
    except requests.HTTPError as error:
        raise of_status(error, asked, user) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
        raise Misconfigured(
            f"servicenow.url is not an address ({error}); write https://<instance>.service-now.com"
        ) from error
    except pysnow.NoResults as error:
        raise NotFound(f"{SERVICE} has no such record, so Chimera could not {asked}") from error
    except (requests.RequestException, OSError) as error:
        raise Unavailable(SERVICE, asked, f"{type(error).__name__}: {error}") from error
    except (pysnow.PysnowException, ValueError, AttributeError, KeyError, TypeError) as error:
        # A page of HTML or half a body, where JSON was due: a sleeping instance, a proxy.
        raise Unavailable(SERVICE, asked, f"an answer that is not its API's ({error})") from error


def of_status(error: requests.HTTPError, asked: str, user: str) -> Refused | Unavailable:
    """The error for a status of 400 and above."""
    status = error.response.status_code
    detail = explanation(error.response)
    if status == 401:
        return Refused(
            f"{SERVICE} does not accept user {user!r}, so Chimera could not {asked} ({detail}); "
            "check servicenow.user and the secret behind servicenow.password"
        )
    if status == 403:
        return Refused(
            f"{SERVICE} does not let {user!r} {asked} ({detail}); give the user the role itil "
            "and check the data policies of the table incident"
        )
    if status == 404:
        return NotFound(f"{SERVICE} could not {asked}: {detail}; check servicenow.url")
    if status in (408, 425, 429) or status >= 500:
        return Unavailable(SERVICE, asked, f"HTTP {status} {detail}")
    return Refused(f"{SERVICE} refused to {asked}: HTTP {status} {detail}")


def explanation(response: requests.Response) -> str:
    """What ServiceNow says about it, in one short line."""
    try:
        error = response.json()["error"]
        said = f"{error.get('message') or ''}: {error.get('detail') or ''}".strip(": ")
    except (ValueError, KeyError, TypeError, AttributeError):
        said = response.reason or ""
    return said[:300]

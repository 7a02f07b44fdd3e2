"""Microsoft's SDK, loaded when it is needed and without its way of reading `.env` files."""

from __future__ import annotations

import os
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from chimera.domain import Misconfigured
from chimera.platform.settings import Teams

if TYPE_CHECKING:
    from microsoft_teams.apps import App

DOTENV = "PYTHON_DOTENV_DISABLED"


def sdk() -> Any:
    """What Chimera takes from it. Raises Misconfigured when it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of previews in it that are not used here
        return loaded()


def loaded() -> Any:
    before = os.environ.get(DOTENV)
    os.environ[DOTENV] = "1"  # a file beside the working directory is no setting of Chimera's
    try:
        import jwt
        from microsoft_teams.api.auth import JsonWebToken
        from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
        from microsoft_teams.api.models.adaptive_card import AdaptiveCardActionMessageResponse
        from microsoft_teams.apps import App
        from microsoft_teams.apps.auth import TokenValidator
        from microsoft_teams.apps.events import ActivityEvent, CoreActivity
    except ImportError as error:
        raise Misconfigured(
            f"Teams needs a package that is not there ({error}); install chimera-aiops[teams]"
        ) from error
    finally:
        if before is None:
            del os.environ[DOTENV]
        else:
            os.environ[DOTENV] = before
    return SimpleNamespace(
        jwt=jwt,
        App=App,
        JsonWebToken=JsonWebToken,
        TokenValidator=TokenValidator,
        ActivityEvent=ActivityEvent,
        CoreActivity=CoreActivity,
        Told=AdaptiveCardActionMessageResponse,
        PUBLIC=PUBLIC,
        with_overrides=with_overrides,
    )


def cloud(section: Teams) -> Any:
    """Where keys and tokens come from."""
    apps = sdk()
    return apps.with_overrides(
        apps.PUBLIC,
        openid_metadata_url=section.openid_url,
        login_endpoint=section.login_url.rstrip("/"),
    )


def app_of(section: Teams) -> App:
    """The SDK's app, which routes activities. It gets nothing from the environment: each of its
    variables has a value here, that one which opens it to everybody above all."""
    app: App = sdk().App(
        client_id=section.app_id,
        client_secret=section.app_password.reveal() if section.app_password else "",
        tenant_id=section.tenant,
        service_url=section.service_url,
        cloud=cloud(section),
        fetch_user_token=False,
        state=False,
        dangerously_allow_unauthenticated_requests=False,
        telemetry={"agent365": False},
    )
    return app

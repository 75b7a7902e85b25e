"""What the scripts for both clients of Device Update share: tokens, and the way to loopback."""

import time

import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport

# The clients insist on https and on a host without a port.
HOST = "contoso.api.adu.microsoft.com"


class SignIn:
    """A credential: signs in with the application's secret."""

    def __init__(self, given):
        self.given = given

    def get_token(self, *scopes, **_):
        answer = requests.post(
            f"{self.given['authority']}/{self.given['tenant']}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.given["client"],
                "client_secret": self.given["secret"],
                "scope": " ".join(scopes),
            },
            timeout=10,
        ).json()
        return AccessToken(answer["access_token"], int(time.time()) + answer["expires_in"])


class OldToken:
    """A credential whose token the service does not take."""

    def get_token(self, *_, **__):
        return AccessToken("old", int(time.time()) + 3600)


class Loopback(RequestsTransport):
    """Sends to the simulator what is meant for the service; addresses in answers are changed back."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def send(self, request, **kwargs):
        meant = request.url
        request.url = meant.replace(f"https://{HOST}", self.url, 1)
        try:
            response = super().send(request, **kwargs)
        finally:
            # The retry policy refuses a token on an address without https.
            request.url = meant
        if not kwargs.get("stream"):
            # Older and newer clients hold the body in different places.
            changed = response.internal_response.content.replace(self.url.encode(), f"https://{HOST}".encode())
            response.internal_response._content = response._content = changed
        return response


class Counted:
    """A group of operations that notes which of them were called."""

    def __init__(self, operations):
        self.operations = operations
        names = (name for name in dir(operations) if not name.startswith("_"))
        self.left = {name for name in names if callable(getattr(operations, name)) and name != "models"}

    def __getattr__(self, name):
        self.left.discard(name)
        return getattr(self.operations, name)


def refusal(act):
    """The status of what was refused, and the code if there is one."""
    try:
        act()
    except HttpResponseError as error:
        return [error.status_code, error.error.code if error.error else None]
    return "allowed"

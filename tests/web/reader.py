"""A subscriber with a browser that knows no JavaScript."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hotline.web.app import make_app
from tests.services.subscribed import CONFIRMATION, PIN, Post

HOST = "https://hotline.example.org"


class Reader:
    """A browser without JavaScript."""

    def __init__(self, post: Post, language: str = "en") -> None:
        self.client: FlaskClient = make_app(post.line).test_client()
        self.language = language
        self.page = ""

    def get(self, path: str = "/messages") -> TestResponse:
        answer = self.client.get(path, base_url=HOST, headers={"Accept-Language": self.language})
        return self._seen(answer)

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form of the page that is open, and follow where it leads."""
        found = re.search(r'name="form" value="([^"]+)"', self.page)
        sent = {"form": found[1] if found else "", **form}
        answer = self.client.post(path, base_url=HOST, data=sent, headers={"Accept-Language": self.language})
        if answer.status_code == 303 and answer.location.startswith("/"):
            return self.get(answer.location)
        return self._seen(answer)

    def _seen(self, answer: TestResponse) -> TestResponse:
        self.page = answer.get_data(as_text=True)
        return answer

    def enters(self, confirmation: str = CONFIRMATION, pin: str = PIN) -> TestResponse:
        self.get()
        return self.post("/messages/open", confirmation=confirmation, pin=pin)

    def acts(self, act: str, **form: str) -> TestResponse:
        return self.post(f"/messages/do/{act}", **form)

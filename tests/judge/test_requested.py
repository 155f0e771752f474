"""Requests for a person, in both languages, and what only looks like one."""

from __future__ import annotations

import pytest
from tests.judge.requests import NO_REQUESTS, REQUESTS

from stepin.judge.requested import asks_for_person


@pytest.mark.parametrize("text", REQUESTS)
def test_a_request_is_heard(text: str) -> None:
    assert asks_for_person(text)


@pytest.mark.parametrize("text", NO_REQUESTS)
def test_other_talk_is_not_a_request(text: str) -> None:
    assert not asks_for_person(text)

"""The whole table of endpoints, the busiest first."""

from __future__ import annotations

from stepin.web.routes import (
    admin,
    chats,
    customer,
    evidence,
    floor,
    health,
    numbers,
    pages,
    sessions,
    trials,
    work,
)
from stepin.web.routing.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *customer.ENDPOINTS,
    *chats.ENDPOINTS,
    *floor.ENDPOINTS,
    *work.ENDPOINTS,
    *sessions.ENDPOINTS,
    *numbers.ENDPOINTS,
    *trials.ENDPOINTS,
    *evidence.ENDPOINTS,
    *admin.ENDPOINTS,
    *health.ENDPOINTS,
    *pages.ENDPOINTS,
)

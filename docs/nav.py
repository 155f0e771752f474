"""Adds every decision to the site's navigation, so that a new one needs no second entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """Return the configuration with the decisions behind the other parts."""
    found = sorted(Path(config["docs_dir"], "decisions").glob("*.md"))
    config["nav"] = [*config["nav"], {"Decisions": [f"decisions/{path.name}" for path in found]}]
    return config

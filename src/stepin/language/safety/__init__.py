"""Danger in what a customer writes: self-harm, injury, fire, a child, a threat, fraud, the law."""

from stepin.language.safety.danger import GRAVEST_FIRST, danger, dangers, knows, version

__all__ = ["GRAVEST_FIRST", "danger", "dangers", "knows", "version"]

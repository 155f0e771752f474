"""A service desk with a supervised AI, in which every roll-out is a randomized experiment.

The names below are the public API: what an extension or a program that embeds the desk may import.
Everything else may change without notice. Each is loaded when it is first asked for.

- a desk: `Desk`, `Parts`, `Settings`, `Policy`, `load_policy`
- tools: `define_tool`, `Tool`, `Toolbox`, `Caller`, `CallPlan`, `ToolFailed`, `OutcomeUnknown`,
  `Risk`
- brains: `Brain`, `TurnContext`, `Hands`, `Called`, `Fenced`
- detectors: `Detector`, `Turn`, `Shape`, `Score`, `Cause`
- the log: `Log`, `open_log`
- evidence: `run_report`, `WrittenReport`
- errors: `StepinError`
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepin.agent.brain import Brain, Called, Fenced, Hands, TurnContext
    from stepin.agent.tools.definition import define as define_tool
    from stepin.agent.tools.tool import Caller, CallPlan, OutcomeUnknown, Tool, ToolFailed
    from stepin.agent.tools.toolbox import Toolbox
    from stepin.core.events.base import Cause, Risk
    from stepin.core.policy import Policy, load_policy
    from stepin.desk.desk import Desk
    from stepin.desk.parts import Parts
    from stepin.errors import StepinError
    from stepin.evidence.report.run import WrittenReport, run_report
    from stepin.judge.chat import Turn
    from stepin.judge.detectors.detector import Detector, Score
    from stepin.judge.models.chat_features import Shape
    from stepin.log.open import open_log
    from stepin.log.protocol import Log
    from stepin.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Brain",
    "CallPlan",
    "Called",
    "Caller",
    "Cause",
    "Desk",
    "Detector",
    "Fenced",
    "Hands",
    "Log",
    "OutcomeUnknown",
    "Parts",
    "Policy",
    "Risk",
    "Score",
    "Settings",
    "Shape",
    "StepinError",
    "Tool",
    "ToolFailed",
    "Toolbox",
    "Turn",
    "TurnContext",
    "WrittenReport",
    "define_tool",
    "load_policy",
    "open_log",
    "run_report",
]

_PLACES = {
    "Brain": "stepin.agent.brain:Brain",
    "CallPlan": "stepin.agent.tools.tool:CallPlan",
    "Called": "stepin.agent.brain:Called",
    "Caller": "stepin.agent.tools.tool:Caller",
    "Cause": "stepin.core.events.base:Cause",
    "Desk": "stepin.desk.desk:Desk",
    "Detector": "stepin.judge.detectors.detector:Detector",
    "Fenced": "stepin.agent.brain:Fenced",
    "Hands": "stepin.agent.brain:Hands",
    "Log": "stepin.log.protocol:Log",
    "OutcomeUnknown": "stepin.agent.tools.tool:OutcomeUnknown",
    "Parts": "stepin.desk.parts:Parts",
    "Policy": "stepin.core.policy:Policy",
    "Risk": "stepin.core.events.base:Risk",
    "Score": "stepin.judge.detectors.detector:Score",
    "Settings": "stepin.settings:Settings",
    "Shape": "stepin.judge.models.chat_features:Shape",
    "StepinError": "stepin.errors:StepinError",
    "Tool": "stepin.agent.tools.tool:Tool",
    "ToolFailed": "stepin.agent.tools.tool:ToolFailed",
    "Toolbox": "stepin.agent.tools.toolbox:Toolbox",
    "Turn": "stepin.judge.chat:Turn",
    "TurnContext": "stepin.agent.brain:TurnContext",
    "WrittenReport": "stepin.evidence.report.run:WrittenReport",
    "define_tool": "stepin.agent.tools.definition:define",
    "load_policy": "stepin.core.policy:load_policy",
    "open_log": "stepin.log.open:open_log",
    "run_report": "stepin.evidence.report.run:run_report",
}
"""The module and the name behind each public name; the imports above say the same to checkers."""


if not TYPE_CHECKING:  # To a checker a name that isn't above would be Any.

    def __getattr__(name: str) -> Any:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, inside = _PLACES[name].partition(":")
        found = globals()[name] = getattr(import_module(module), inside)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""What draws are about. A purpose owns four numbers; their order is part of it."""

from __future__ import annotations

from typing import Final

NATURE: Final = 0
"""Of a chat: issue class, two for difficulty and irritability, frustration at opening."""
FATE: Final = 1
"""Of a chat: whether the AI can solve it, the owner, patience in the queue, whether it answers."""
ENDING: Final = 2
"""Of a chat: two for the noise of the rating, coming back, invited."""
COMING_BACK: Final = 3
"""Of a chat: after how long, at what time of day, the customer's tenure, the opening's length."""
HUMAN_TIME: Final = 16
"""Of a worker's turn: two for its length, avoidance, patience."""
HUMAN_RESULT: Final = 17
"""Of a worker's turn: success, giving up, leaving, thinking."""
HUMAN_WORDS: Final = 18
"""Of a worker's turn: two for messages, seeking, proposing."""
HUMAN_MORE: Final = 19
"""Of a worker's turn: empathy, initiative, handing back, length of the messages."""
AI_RESULT: Final = 32
"""Of a turn of the AI: its length, success, a wrong answer, leaving."""
AI_WATCH: Final = 33
"""Of a turn of the AI: thinking, the technical detector, two for what is measured of the mood."""
AI_LOOK: Final = 34
"""Of a turn of the AI: the owner's look, approval, two to spare."""
TRAITS: Final = 64
"""Of a worker: two for effort and speed, two for the rating and to spare."""
TENURE: Final = 65
"""Of a worker: tenure, three to spare."""
WORKER_DAY: Final = 66
"""Of a worker on a day: two for the rating, presence, one to spare."""
DAY: Final = 80
"""Of a day: the seed of its factor and of its arrivals, four words."""
GENERATION: Final = 1 << 16
"""What is added to the turn of a chat for each earlier chat about the same issue."""

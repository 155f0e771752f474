"""The running service: commands, AI turns, timers, effects, presence and feeds."""

"""How a command becomes events.

It is decided on a fresh picture and appended under the condition that the picture was fresh.
Presence of workers and eligibility belong here too.
"""

"""Queues: chats in line, linked to each other. A chat stands in one line at most."""

from __future__ import annotations

from typing import Any

from stepin.floor.engine.fast.compiling import small


@small
def join_worker(chats: Any, w: Any, n: int, first: int, front: int) -> None:
    """Put a chat into a worker's line: of takeovers or of others, at its end or its front."""
    chat = chats[n]
    chat.joined = 1
    chat.in_first = first
    head = w.first_head if first else w.other_head
    tail = w.first_tail if first else w.other_tail
    if front:
        chat.before, chat.after = -1, head
        if head >= 0:
            chats[head].before = n
        else:
            tail = n
        head = n
    else:
        chat.before, chat.after = tail, -1
        if tail >= 0:
            chats[tail].after = n
        else:
            head = n
        tail = n
    if first:
        w.first_head, w.first_tail = head, tail
    else:
        w.other_head, w.other_tail = head, tail
    w.waiting += 1


@small
def leave_worker(chats: Any, w: Any, n: int) -> None:
    """Take a chat out of its worker's line."""
    chat = chats[n]
    before, after = chat.before, chat.after
    if before >= 0:
        chats[before].after = after
    elif chat.in_first:
        w.first_head = after
    else:
        w.other_head = after
    if after >= 0:
        chats[after].before = before
    elif chat.in_first:
        w.first_tail = before
    else:
        w.other_tail = before
    chat.joined = 0
    w.waiting -= 1


@small
def join_queue(s: Any, chats: Any, n: int) -> None:
    """Let a chat wait for an owner."""
    chats[n].before, chats[n].after = s.queue_tail, -1
    if s.queue_tail >= 0:
        chats[s.queue_tail].after = n
    else:
        s.queue_head = n
    s.queue_tail = n
    s.queued += 1


@small
def leave_queue(s: Any, chats: Any, n: int) -> None:
    """Let a chat no longer wait for an owner."""
    before, after = chats[n].before, chats[n].after
    if before >= 0:
        chats[before].after = after
    else:
        s.queue_head = after
    if after >= 0:
        chats[after].before = before
    else:
        s.queue_tail = before
    s.queued -= 1

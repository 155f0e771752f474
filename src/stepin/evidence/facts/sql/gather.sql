-- What a batch of events adds to the tables that aren't about closing chats.

INSERT INTO ratings
SELECT chat_id, rating, at_us FROM fresh WHERE kind IN ('RatingInvited', 'RatingGiven');

INSERT INTO focused
SELECT worker_id, focus_chat_id, to_chat_id, at_us - duration_ms * 1000, at_us
FROM fresh WHERE kind = 'FocusMoved';

INSERT INTO signed
SELECT worker_id, kind = 'WorkerSignedOn', reason, at_us, position, data
FROM fresh WHERE kind IN ('WorkerSignedOn', 'WorkerSignedOff');

INSERT INTO assigned
SELECT trial_id, unit_id, arm, block, late, at_us FROM fresh WHERE kind = 'WorkerAssigned';

INSERT INTO acted
SELECT action_id, chat_id, seq, at_us, kind::event_kind, actor, tool, version
FROM fresh WHERE action_id IS NOT NULL;

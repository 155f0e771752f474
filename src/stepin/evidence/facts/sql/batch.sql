-- One batch of events: `fresh` (a view) and what earlier batches left open become the raw facts of
-- the chats that closed in it. Inside a batch a chat goes by its number `c`.

CREATE OR REPLACE TEMP TABLE edges AS
SELECT chat_id, min(at_us) FILTER (kind = 'ChatOpened') AS opened_us,
       min(at_us) FILTER (kind = 'ChatClosed') AS closed_us
FROM (
  SELECT chat_id, kind, at_us FROM fresh WHERE kind IN ('ChatOpened', 'ChatClosed')
  UNION ALL SELECT chat_id, 'ChatOpened', at_us FROM done_open WHERE kind = 'ChatOpened'
)
GROUP BY 1 HAVING opened_us IS NOT NULL;

CREATE OR REPLACE TEMP TABLE closed AS
SELECT row_number() OVER () AS c, chat_id, opened_us, make_timestamp(opened_us)::DATE AS day,
       closed_us
FROM edges WHERE closed_us IS NOT NULL;

CREATE OR REPLACE TEMP TABLE still_open AS SELECT chat_id FROM edges WHERE closed_us IS NULL;

CREATE OR REPLACE TEMP VIEW messages AS
SELECT chat_id, seq, at_us, epoch, actor, author, chars
FROM fresh
WHERE kind = 'MessagePosted' AND visibility = 'public' AND chat_id IS NOT NULL
UNION ALL SELECT * FROM spoken_open;

CREATE OR REPLACE TEMP VIEW doings AS
SELECT chat_id, seq, at_us, epoch, kind, actor, policy, detector, worker_id,
       customer_id, channel, language, issue_class, previous_chat_id, eligible, score, threshold,
       version, owner, probability, holder_from, holder_to, holder_id, reason, turn_seq, cause,
       shadow, flag_seq, technical, emotional, requested, risk, unaided, sentiment, point, drawn,
       draw_key, available,
       CASE WHEN kind IN ('ChatOpened', 'OwnerSet', 'DecisionDrawn') THEN data END AS data
FROM fresh
WHERE chat_id IS NOT NULL
  AND kind IN ('ChatOpened', 'EligibilityAssessed', 'OwnerSet', 'HolderChanged', 'ChatScored',
               'FlagRaised', 'AlertShown', 'AlertAcknowledged', 'EscalationTaken',
               'EscalationDeclined', 'EscalationExpired', 'EscalationWithdrawn', 'DecisionDrawn',
               'SuggestionUsed', 'WrapUpStarted', 'WrapUpEnded', 'ChatClosed')
UNION ALL SELECT * FROM done_open;

-- Rounds: a customer turn begins where the last public word was not the customer's. What the desk
-- itself says (a greeting, a reminder) is nobody's word.
CREATE OR REPLACE TEMP TABLE spoken AS
WITH flow AS (
  SELECT c, seq, at_us, epoch, actor, author, chars,
         lag(author) OVER (PARTITION BY c ORDER BY seq) AS before
  FROM messages JOIN closed USING (chat_id) WHERE author <> 'system'
)
SELECT c, seq, at_us, epoch, actor, author, chars,
       author = 'customer' AND before IS DISTINCT FROM 'customer' AS starts,
       author <> 'customer' AND before = 'customer' AS answers,
       (count(*) FILTER (author = 'customer' AND before IS DISTINCT FROM 'customer') OVER along)
         AS round,
       max(CASE WHEN author = 'customer' AND before IS DISTINCT FROM 'customer' THEN at_us END)
         OVER along AS asked_us
FROM flow
WINDOW along AS (PARTITION BY c ORDER BY seq ROWS UNBOUNDED PRECEDING);

CREATE OR REPLACE TEMP TABLE notices AS
SELECT n.*, coalesce(s.round, 0) AS round
FROM (SELECT c, seq, at_us, epoch, actor, author, chars
      FROM messages JOIN closed USING (chat_id) WHERE author = 'system') n
ASOF LEFT JOIN spoken s ON n.c = s.c AND n.seq >= s.seq;

CREATE OR REPLACE TEMP TABLE opens AS
SELECT c, customer_id, channel, language, issue_class, previous_chat_id, policy, version, data
FROM doings JOIN closed USING (chat_id) WHERE kind = 'ChatOpened';

CREATE OR REPLACE TEMP TABLE assessments AS
SELECT c, seq, eligible, score, version, issue_class, technical, emotional, requested, unaided,
       sentiment
FROM doings JOIN closed USING (chat_id) WHERE kind = 'EligibilityAssessed';

CREATE OR REPLACE TEMP TABLE owned AS
SELECT c, seq, owner, probability, data
FROM doings JOIN closed USING (chat_id) WHERE kind = 'OwnerSet';

CREATE OR REPLACE TEMP TABLE moves AS
SELECT c, seq, at_us, kind, epoch, holder_from, holder_to, holder_id, reason
FROM doings JOIN closed USING (chat_id)
WHERE kind IN ('HolderChanged', 'ChatClosed', 'WrapUpStarted', 'WrapUpEnded', 'SuggestionUsed');

CREATE OR REPLACE TEMP TABLE raised AS
SELECT c, seq, at_us, kind, cause, detector, shadow, score, threshold, flag_seq
FROM doings JOIN closed USING (chat_id)
WHERE kind IN ('FlagRaised', 'AlertShown', 'AlertAcknowledged', 'EscalationTaken',
               'EscalationDeclined', 'EscalationExpired', 'EscalationWithdrawn');

CREATE OR REPLACE TEMP TABLE drawn AS
SELECT c, seq, at_us, point, available, data, score, threshold, draw_key, drawn, probability,
       turn_seq
FROM doings JOIN closed USING (chat_id) WHERE kind = 'DecisionDrawn';

CREATE OR REPLACE TEMP TABLE spoken_next AS SELECT * FROM messages SEMI JOIN still_open USING (chat_id);
CREATE OR REPLACE TEMP TABLE done_next AS SELECT * FROM doings SEMI JOIN still_open USING (chat_id);

CREATE OR REPLACE TEMP TABLE asked AS SELECT c, seq, round FROM spoken WHERE starts;

-- Scores belong to the last message, the desk's own apart, that they could have read.
CREATE OR REPLACE TEMP TABLE scored AS
SELECT c, at_seq AS seq, author,
       arg_max(technical, score_seq) AS technical, arg_max(emotional, score_seq) AS emotional,
       arg_max(risk, score_seq) AS risk, arg_max(sentiment, score_seq) AS sentiment
FROM (
  SELECT d.c, s.seq AS at_seq, s.author, d.seq AS score_seq, d.technical, d.emotional, d.risk,
         d.sentiment
  FROM (SELECT c, seq, turn_seq, technical, emotional, risk, sentiment
        FROM doings JOIN closed USING (chat_id) WHERE kind = 'ChatScored') d
  ASOF JOIN (SELECT c, seq, author FROM spoken) s ON d.c = s.c AND d.turn_seq >= s.seq
)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE moods AS
SELECT c, seq, sentiment FROM scored WHERE author = 'customer' AND sentiment IS NOT NULL;

CREATE OR REPLACE TEMP VIEW turns AS
SELECT chat_id, day, seq, make_timestamp(at_us) AS "at", author,
       CASE WHEN actor LIKE '%:%' THEN substr(actor, instr(actor, ':') + 1) ELSE actor END AS author_id,
       round, epoch, chars, latency_s, sentiment, technical AS technical_score,
       emotional AS emotional_score, risk AS risk_score
FROM (
  SELECT c, seq, at_us, author, actor, round, epoch, chars,
         CASE WHEN author <> 'customer' THEN (at_us - asked_us) / 1e6 END AS latency_s,
         sentiment, technical, emotional, risk
  FROM spoken LEFT JOIN (SELECT * EXCLUDE (author) FROM scored) USING (c, seq)
  UNION ALL
  SELECT c, seq, at_us, author, actor, round, epoch, chars, NULL, NULL, NULL, NULL, NULL
  FROM notices
) JOIN closed USING (c);

-- Who speaks, from when until when; an AI's stretch counts for the owner at its beginning.
CREATE OR REPLACE TEMP TABLE stretches AS
SELECT m.*, o.owner, lead(m.at_us) OVER (PARTITION BY m.c ORDER BY m.seq) AS until_us
FROM (SELECT * FROM moves WHERE kind IN ('HolderChanged', 'ChatClosed')) m
ASOF LEFT JOIN (SELECT c, seq, owner FROM owned WHERE owner IS NOT NULL) o
  ON m.c = o.c AND m.seq >= o.seq;

INSERT INTO held
SELECT chat_id, CASE holder_to WHEN 'worker' THEN holder_id ELSE owner END AS worker_id,
       holder_to = 'ai' AS supervised, at_us AS from_us, until_us
FROM stretches JOIN closed USING (c)
WHERE kind = 'HolderChanged' AND holder_to IN ('ai', 'worker') AND until_us IS NOT NULL;

INSERT INTO waiting
SELECT opened_us, coalesce(first_us, closed_us)
FROM closed LEFT JOIN (
  SELECT c, min(at_us) AS first_us FROM stretches
  WHERE kind = 'HolderChanged' AND holder_to <> 'nobody' GROUP BY 1
) USING (c)
UNION ALL
SELECT at_us, until_us FROM stretches
WHERE kind = 'HolderChanged' AND holder_to = 'nobody' AND until_us IS NOT NULL;

CREATE OR REPLACE TEMP TABLE escalations AS
SELECT c, flag_seq,
       min(at_us) FILTER (kind = 'AlertShown') AS alert_us,
       min(at_us) FILTER (kind = 'AlertAcknowledged') AS acknowledged_us,
       arg_max(at_us, seq) FILTER (kind NOT IN ('AlertShown', 'AlertAcknowledged')) AS ended_us,
       arg_max(kind, seq) FILTER (kind NOT IN ('AlertShown', 'AlertAcknowledged')) AS end_kind
FROM raised WHERE flag_seq IS NOT NULL GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE flags_now AS
SELECT f.c, f.cause,
       coalesce(regexp_extract(f.detector, '^[^@]*'), 'rule') AS detector,
       coalesce(regexp_extract(f.detector, '@(.*)$', 1), '') AS detector_version,
       f.shadow, f.at_us, f.seq, f.score, f.threshold,
       e.alert_us, e.acknowledged_us, e.ended_us, e.end_kind
FROM raised f LEFT JOIN escalations e ON e.c = f.c AND e.flag_seq = f.seq
WHERE f.kind = 'FlagRaised';

CREATE OR REPLACE TEMP VIEW flags AS
SELECT chat_id || '/' || f.seq AS flag_id, chat_id, day, cause, detector, detector_version, shadow,
       make_timestamp(at_us) AS "at", coalesce(a.round, 0) AS round, score, threshold,
       p.probability AS randomized_p, make_timestamp(alert_us) AS alert_at,
       make_timestamp(acknowledged_us) AS acknowledged_at, make_timestamp(ended_us) AS ended_at,
       CASE end_kind WHEN 'EscalationTaken' THEN 'taken' WHEN 'EscalationDeclined' THEN 'declined'
                     WHEN 'EscalationExpired' THEN 'expired'
                     WHEN 'EscalationWithdrawn' THEN 'withdrawn' END AS ended_as
FROM flags_now f JOIN closed USING (c)
ASOF LEFT JOIN asked a ON f.c = a.c AND f.seq >= a.seq
LEFT JOIN (SELECT c, turn_seq, any_value(probability) AS probability FROM drawn
           WHERE point = 'alert' AND turn_seq IS NOT NULL GROUP BY ALL) p
  ON p.c = f.c AND p.turn_seq = f.seq;

CREATE OR REPLACE TEMP TABLE taken AS
SELECT c, row_number() OVER (PARTITION BY c ORDER BY seq) AS ordinal, holder_id AS worker_id, epoch,
       seq, at_us, reason
FROM stretches WHERE kind = 'HolderChanged' AND holder_from = 'ai' AND holder_to = 'worker';

CREATE OR REPLACE TEMP TABLE takeovers_now AS
SELECT t.c, t.ordinal, t.worker_id, t.epoch, t.seq, t.at_us, t.reason,
       arg_max(f.cause, f.seq) AS cause, max(f.seq) AS flag_seq,
       min(b.seq) AS back_seq, min(b.at_us) AS back_us
FROM taken t
LEFT JOIN flags_now f ON f.c = t.c AND f.seq < t.seq AND NOT f.shadow
LEFT JOIN (SELECT c, seq, at_us FROM stretches
           WHERE kind = 'HolderChanged' AND holder_from = 'worker' AND holder_to = 'ai') b
  ON b.c = t.c AND b.seq > t.seq
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE takeovers AS
SELECT t.c, chat_id, day, t.ordinal, t.worker_id, coalesce(t.cause, 'human_initiated') AS cause,
       CASE WHEN t.flag_seq IS NOT NULL THEN chat_id || '/' || t.flag_seq END AS flag_id,
       t.epoch, make_timestamp(t.at_us) AS "at",
       coalesce(max(s.round) FILTER (s.seq <= t.seq), 0) AS round,
       arg_max(m.sentiment, m.seq) FILTER (s.seq <= t.seq) AS sentiment,
       make_timestamp(min(s.at_us) FILTER (s.seq > t.seq AND s.author = 'worker'))
         AS first_human_message_at,
       make_timestamp(t.back_us) AS hand_back_at,
       count(*) FILTER (s.answers AND s.seq > t.seq AND s.seq < coalesce(t.back_seq, 1e18))
         AS rounds_after,
       count(*) FILTER (s.answers AND s.author = 'worker' AND s.seq > t.seq
                        AND s.seq < coalesce(t.back_seq, 1e18)) AS human_rounds_after
FROM takeovers_now t JOIN closed USING (c)
LEFT JOIN spoken s ON s.c = t.c
LEFT JOIN moods m ON m.c = s.c AND m.seq = s.seq
GROUP BY t.c, chat_id, day, t.ordinal, t.worker_id, t.cause, t.flag_seq, t.epoch, t.at_us, t.seq,
         t.back_us, t.back_seq;

CREATE OR REPLACE TEMP VIEW decisions AS
SELECT chat_id || '/' || d.seq AS decision_id, chat_id, coalesce(o.owner, '') AS first_owner_id,
       day, d.point, make_timestamp(d.at_us) AS "at", coalesce(a.round, 0) AS round, d.available,
       json_extract(d.data, '$.options')::VARCHAR AS options,
       json_extract(d.data, '$.probabilities')::VARCHAR AS probabilities,
       d.score, d.threshold, d.draw_key, d.drawn, d.probability,
       d.available AND d.drawn NOT IN ('none', 'no', 'leave', 'quiet', 'off') AS fired
FROM drawn d
JOIN closed USING (c)
LEFT JOIN (SELECT c, arg_min(owner, seq) AS owner FROM owned
           WHERE owner IS NOT NULL GROUP BY ALL) o ON o.c = d.c
ASOF LEFT JOIN asked a ON d.c = a.c AND d.seq >= a.seq;

INSERT INTO taken_days SELECT worker_id, make_timestamp(at_us)::DATE FROM taken;

INSERT INTO waited
SELECT chat_id, substr(actor, instr(actor, ':') + 1) AS worker_id, asked_us, at_us
FROM spoken JOIN closed USING (c) WHERE answers AND author = 'worker';

CREATE OR REPLACE TEMP TABLE said AS
SELECT c,
       arg_min(chars, seq) FILTER (author = 'customer') AS opening_chars,
       min(at_us) FILTER (author <> 'customer') AS answered_us,
       count(*) FILTER (answers) AS rounds,
       count(*) FILTER (answers AND author = 'worker') AS human_rounds,
       count(*) FILTER (author = 'customer') AS customer_messages,
       count(*) FILTER (author = 'ai') AS ai_messages,
       count(*) FILTER (author = 'worker') AS worker_messages,
       sum(chars) FILTER (author = 'worker') AS worker_chars,
       sum(at_us - asked_us) FILTER (answers AND author = 'worker')
         / count(*) FILTER (answers AND author = 'worker') / 1e6 AS worker_latency_s
FROM spoken GROUP BY 1;

CREATE OR REPLACE TEMP TABLE mood AS
SELECT m.c, arg_max(m.sentiment, m.seq) AS closing_sentiment,
       arg_min(m.sentiment, m.seq) FILTER (a.round = 1) AS opening_sentiment
FROM moods m LEFT JOIN asked a USING (c, seq) GROUP BY 1;

CREATE OR REPLACE TEMP TABLE flagged AS
SELECT c, arg_min(cause, seq) AS cause, min(seq) AS flag_seq, min(at_us) AS flag_us
FROM flags_now WHERE NOT shadow GROUP BY 1;

CREATE OR REPLACE TEMP TABLE took AS
SELECT c, min(at_us) AS takeover_us, min(back_us) AS back_us,
       min(seq) FILTER (reason IN ('takeover', 'reply')) AS own_seq
FROM takeovers_now GROUP BY 1;

CREATE OR REPLACE TEMP TABLE alerted AS
SELECT c, arg_min(cause, seq) FILTER (kind = 'AlertShown') AS alert_cause,
       min(seq) FILTER (kind = 'AlertShown') AS alert_seq,
       min(at_us) FILTER (kind = 'AlertShown') AS alert_us,
       min(at_us) FILTER (kind = 'AlertAcknowledged') AS acknowledged_us
FROM raised WHERE kind IN ('AlertShown', 'AlertAcknowledged') GROUP BY 1;

CREATE OR REPLACE TEMP TABLE handled AS
SELECT c,
  min(at_us) FILTER (kind = 'HolderChanged' AND holder_to <> 'nobody') AS held_us,
  arg_min(holder_id, seq) FILTER (kind = 'HolderChanged' AND holder_to = 'ai') AS brain_version,
  min(at_us) FILTER (kind = 'WrapUpStarted') AS wrap_from_us,
  max(at_us) FILTER (kind = 'WrapUpEnded') AS wrap_until_us,
  arg_min(reason, seq) FILTER (kind = 'ChatClosed') AS close_reason,
  count(*) FILTER (kind = 'SuggestionUsed') AS suggestions_used
FROM moves GROUP BY 1;

-- A chat opens once; it may, by mistake, be assessed twice: the first counts.
CREATE OR REPLACE TEMP TABLE assessed AS
SELECT * FROM assessments
SEMI JOIN (SELECT c, min(seq) AS seq FROM assessments GROUP BY 1) USING (c, seq);

CREATE OR REPLACE TEMP TABLE owning AS
SELECT c, arg_min(owner, seq) AS first_owner_id, arg_min_null(probability, seq) AS probability,
       arg_min(data, seq) AS data, arg_max(owner, seq) AS last_owner_id
FROM owned WHERE owner IS NOT NULL GROUP BY 1;

INSERT INTO chats_raw
SELECT k.chat_id, k.day, k.opened_us, k.closed_us, o.customer_id, o.channel, o.language,
       o.data, o.policy, o.version, o.previous_chat_id, o.issue_class, e.issue_class, e.eligible,
       e.score, e.version, e.technical, e.emotional, e.requested, e.unaided, e.sentiment,
       w.first_owner_id, w.probability, w.data, w.last_owner_id, h.held_us, h.brain_version,
       h.wrap_from_us, h.wrap_until_us, h.close_reason, a.alert_cause, a.alert_seq, a.alert_us,
       a.acknowledged_us, h.suggestions_used,
       s.* EXCLUDE (c),
       m.opening_sentiment, m.closing_sentiment,
       CASE WHEN f.flag_seq IS NULL AND t.own_seq IS NULL THEN 'none'
            WHEN t.own_seq IS NULL OR f.flag_seq < t.own_seq THEN f.cause
            ELSE 'human_initiated' END AS path,
       CASE WHEN a.alert_seq IS NULL AND t.own_seq IS NULL THEN 'none'
            WHEN t.own_seq IS NULL OR a.alert_seq < t.own_seq THEN a.alert_cause
            ELSE 'human_initiated' END AS delivered_path,
       f.flag_us, t.takeover_us, t.back_us, x.round, x.first_human_message_at
FROM closed k
JOIN opens o USING (c)
LEFT JOIN assessed e USING (c)
LEFT JOIN owning w USING (c)
LEFT JOIN handled h USING (c)
LEFT JOIN said s USING (c)
LEFT JOIN mood m USING (c)
LEFT JOIN flagged f USING (c)
LEFT JOIN alerted a USING (c)
LEFT JOIN took t USING (c)
LEFT JOIN (SELECT c, round, first_human_message_at FROM takeovers WHERE ordinal = 1) x USING (c);

CREATE OR REPLACE TABLE spoken_open AS FROM spoken_next;
CREATE OR REPLACE TABLE done_open AS FROM done_next;

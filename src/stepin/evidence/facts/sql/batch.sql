-- One batch of events: `fresh` (a view) and what earlier batches left open become the raw facts of
-- the chats that closed in it. Statements are separated by `;` and run in order.

CREATE OR REPLACE TEMP TABLE spoken_now AS
SELECT chat_id, seq, at_us, epoch, actor, author, chars
FROM fresh
WHERE kind = 'MessagePosted' AND visibility = 'public' AND chat_id IS NOT NULL
UNION ALL SELECT * FROM spoken_open;

CREATE OR REPLACE TEMP TABLE done_now AS
SELECT chat_id, seq, at_us, epoch, kind::event_kind AS kind, actor, policy, detector, worker_id,
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

CREATE OR REPLACE TEMP TABLE opened AS
SELECT chat_id, any_value(at_us) AS opened_us FROM done_now WHERE kind = 'ChatOpened' GROUP BY 1;

CREATE OR REPLACE TEMP TABLE closed AS
SELECT opened.chat_id, opened_us, make_timestamp(opened_us)::DATE AS day, min(at_us) AS closed_us
FROM done_now JOIN opened USING (chat_id)
WHERE kind = 'ChatClosed' GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE still_open AS
SELECT chat_id FROM opened ANTI JOIN closed USING (chat_id);

CREATE OR REPLACE TABLE spoken_open AS SELECT * FROM spoken_now SEMI JOIN still_open USING (chat_id);
CREATE OR REPLACE TABLE done_open AS SELECT * FROM done_now SEMI JOIN still_open USING (chat_id);

-- Rounds: a customer turn begins where the last public word was not the customer's.
CREATE OR REPLACE TEMP TABLE spoken AS
WITH flow AS (
  SELECT spoken_now.*, day,
         lag(nullif(author, 'system') IGNORE NULLS) OVER (PARTITION BY chat_id ORDER BY seq) AS before
  FROM spoken_now JOIN closed USING (chat_id)
), marked AS (
  SELECT *, author = 'customer' AND before IS DISTINCT FROM 'customer' AS starts,
         author IN ('ai', 'worker') AND before = 'customer' AS answers
  FROM flow
)
SELECT chat_id, day, seq, at_us, epoch, actor, author, chars, starts, answers,
       (sum(starts::INT) OVER along)::BIGINT AS round,
       max(CASE WHEN starts THEN at_us END) OVER along AS asked_us
FROM marked
WINDOW along AS (PARTITION BY chat_id ORDER BY seq ROWS UNBOUNDED PRECEDING);

CREATE OR REPLACE TEMP TABLE done AS SELECT * FROM done_now SEMI JOIN closed USING (chat_id);

CREATE OR REPLACE TEMP TABLE asked AS SELECT chat_id, seq, round FROM spoken WHERE starts;

-- Scores belong to the last public message that they could have read.
CREATE OR REPLACE TEMP TABLE scored AS
SELECT chat_id, at_seq AS seq, author,
       arg_max(technical, score_seq) AS technical, arg_max(emotional, score_seq) AS emotional,
       arg_max(risk, score_seq) AS risk, arg_max(sentiment, score_seq) AS sentiment
FROM (
  SELECT d.chat_id, s.seq AS at_seq, s.author, d.seq AS score_seq, d.technical, d.emotional, d.risk,
         d.sentiment
  FROM (SELECT * FROM done WHERE kind = 'ChatScored') d
  ASOF JOIN spoken s ON d.chat_id = s.chat_id AND d.turn_seq >= s.seq
)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE moods AS
SELECT chat_id, seq, sentiment FROM scored WHERE author = 'customer' AND sentiment IS NOT NULL;

CREATE OR REPLACE TEMP VIEW turns AS
SELECT chat_id, day, seq, make_timestamp(at_us) AS "at", author,
       CASE WHEN actor LIKE '%:%' THEN substr(actor, instr(actor, ':') + 1) ELSE actor END AS author_id,
       round, epoch, chars,
       CASE WHEN author IN ('ai', 'worker') THEN (at_us - asked_us) / 1e6 END AS latency_s,
       sentiment, technical AS technical_score, emotional AS emotional_score, risk AS risk_score
FROM spoken LEFT JOIN scored USING (chat_id, seq, author);

-- Who speaks, from when until when; an AI's stretch counts for the owner at its beginning.
CREATE OR REPLACE TEMP TABLE stretches AS
WITH owned AS (
  SELECT chat_id, seq, at_us, kind, epoch, holder_from, holder_to, holder_id, reason,
         last_value(owner IGNORE NULLS)
           OVER (PARTITION BY chat_id ORDER BY seq ROWS UNBOUNDED PRECEDING) AS owner
  FROM done WHERE kind IN ('OwnerSet', 'HolderChanged', 'ChatClosed')
)
SELECT *, lead(at_us) OVER (PARTITION BY chat_id ORDER BY seq) AS until_us
FROM owned WHERE kind <> 'OwnerSet';

INSERT INTO held
SELECT chat_id, CASE holder_to WHEN 'worker' THEN holder_id ELSE owner END AS worker_id,
       holder_to = 'ai' AS supervised, at_us AS from_us, until_us
FROM stretches
WHERE kind = 'HolderChanged' AND holder_to IN ('ai', 'worker') AND until_us IS NOT NULL;

INSERT INTO waiting
SELECT opened_us AS from_us,
       coalesce((min(at_us) FILTER (kind = 'HolderChanged' AND holder_to <> 'nobody')), any_value(closed_us))
FROM stretches JOIN closed USING (chat_id) GROUP BY chat_id, opened_us
UNION ALL
SELECT at_us, until_us FROM stretches
WHERE kind = 'HolderChanged' AND holder_to = 'nobody' AND until_us IS NOT NULL;

CREATE OR REPLACE TEMP TABLE escalations AS
SELECT chat_id, flag_seq,
       min(at_us) FILTER (kind = 'AlertShown') AS alert_us,
       min(at_us) FILTER (kind = 'AlertAcknowledged') AS acknowledged_us,
       max(seq) FILTER (kind NOT IN ('AlertShown', 'AlertAcknowledged')) AS end_seq,
       arg_max(at_us, seq) FILTER (kind NOT IN ('AlertShown', 'AlertAcknowledged')) AS ended_us,
       arg_max(kind, seq) FILTER (kind NOT IN ('AlertShown', 'AlertAcknowledged')) AS end_kind
FROM done WHERE flag_seq IS NOT NULL GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE flags_now AS
SELECT f.chat_id || '/' || f.seq AS flag_id, f.chat_id, c.day, f.cause,
       coalesce(regexp_extract(f.detector, '^[^@]*'), 'rule') AS detector,
       coalesce(nullif(regexp_extract(f.detector, '@(.*)$', 1), ''), '') AS detector_version,
       f.shadow, f.at_us, f.seq, f.score, f.threshold,
       e.alert_us, e.acknowledged_us, e.ended_us, e.end_kind
FROM done f JOIN closed c USING (chat_id)
LEFT JOIN escalations e ON e.chat_id = f.chat_id AND e.flag_seq = f.seq
WHERE f.kind = 'FlagRaised';

CREATE OR REPLACE TEMP VIEW flags AS
SELECT flag_id, f.chat_id, day, cause, detector, detector_version, shadow,
       make_timestamp(at_us) AS "at", coalesce(a.round, 0) AS round, score, threshold,
       p.probability AS randomized_p, make_timestamp(alert_us) AS alert_at,
       make_timestamp(acknowledged_us) AS acknowledged_at, make_timestamp(ended_us) AS ended_at,
       CASE end_kind WHEN 'EscalationTaken' THEN 'taken' WHEN 'EscalationDeclined' THEN 'declined'
                     WHEN 'EscalationExpired' THEN 'expired'
                     WHEN 'EscalationWithdrawn' THEN 'withdrawn' END AS ended_as
FROM flags_now f
ASOF LEFT JOIN asked a ON f.chat_id = a.chat_id AND f.seq >= a.seq
LEFT JOIN (SELECT chat_id, turn_seq, any_value(probability) AS probability FROM done
           WHERE kind = 'DecisionDrawn' AND point = 'alert' AND turn_seq IS NOT NULL GROUP BY ALL) p
  ON p.chat_id = f.chat_id AND p.turn_seq = f.seq;

CREATE OR REPLACE TEMP TABLE taken AS
SELECT s.chat_id, c.day, row_number() OVER (PARTITION BY s.chat_id ORDER BY s.seq) AS ordinal,
       s.holder_id AS worker_id, s.epoch, s.seq, s.at_us, s.reason
FROM stretches s JOIN closed c USING (chat_id)
WHERE s.kind = 'HolderChanged' AND s.holder_from = 'ai' AND s.holder_to = 'worker';

CREATE OR REPLACE TEMP TABLE given_back AS
SELECT chat_id, seq, at_us FROM stretches
WHERE kind = 'HolderChanged' AND holder_from = 'worker' AND holder_to = 'ai';

CREATE OR REPLACE TEMP TABLE takeovers_now AS
SELECT t.chat_id, t.day, t.ordinal, t.worker_id, t.epoch, t.seq, t.at_us,
       arg_max(f.cause, f.seq) AS cause, max(f.seq) AS flag_seq,
       min(b.seq) AS back_seq, min(b.at_us) AS back_us
FROM taken t
LEFT JOIN flags_now f ON f.chat_id = t.chat_id AND f.seq < t.seq AND NOT f.shadow
LEFT JOIN given_back b ON b.chat_id = t.chat_id AND b.seq > t.seq
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE takeovers AS
SELECT t.chat_id, t.day, t.ordinal, t.worker_id, coalesce(t.cause, 'human_initiated') AS cause,
       CASE WHEN t.flag_seq IS NOT NULL THEN t.chat_id || '/' || t.flag_seq END AS flag_id,
       t.epoch, make_timestamp(t.at_us) AS "at",
       coalesce(max(s.round) FILTER (s.seq <= t.seq), 0) AS round,
       arg_max(m.sentiment, m.seq) FILTER (s.seq <= t.seq) AS sentiment,
       make_timestamp(min(s.at_us) FILTER (s.seq > t.seq AND s.author = 'worker'))
         AS first_human_message_at,
       make_timestamp(t.back_us) AS hand_back_at,
       count(*) FILTER (s.answers AND s.seq > t.seq AND s.seq < coalesce(t.back_seq, 1e18))
         AS rounds_after,
       count(*) FILTER (s.answers AND s.author = 'worker' AND s.seq > t.seq
                        AND s.seq < coalesce(t.back_seq, 1e18)) AS human_rounds_after,
       t.seq
FROM takeovers_now t
LEFT JOIN spoken s ON s.chat_id = t.chat_id
LEFT JOIN moods m ON m.chat_id = s.chat_id AND m.seq = s.seq
GROUP BY t.chat_id, t.day, t.ordinal, t.worker_id, t.cause, t.flag_seq, t.epoch, t.at_us, t.seq,
         t.back_us, t.back_seq;

CREATE OR REPLACE TEMP VIEW decisions AS
SELECT d.chat_id || '/' || d.seq AS decision_id, d.chat_id, coalesce(o.owner, '') AS first_owner_id,
       c.day, d.point, make_timestamp(d.at_us) AS "at", coalesce(a.round, 0) AS round, d.available,
       json_extract(d.data, '$.options')::VARCHAR AS options,
       json_extract(d.data, '$.probabilities')::VARCHAR AS probabilities,
       d.score, d.threshold, d.draw_key, d.drawn, d.probability,
       d.available AND d.drawn NOT IN ('none', 'no', 'leave', 'quiet', 'off') AS fired
FROM (SELECT * FROM done WHERE kind = 'DecisionDrawn') d
JOIN closed c USING (chat_id)
LEFT JOIN (SELECT chat_id, arg_min(owner, seq) AS owner FROM done
           WHERE kind = 'OwnerSet' AND owner IS NOT NULL GROUP BY ALL) o ON o.chat_id = d.chat_id
ASOF LEFT JOIN asked a ON d.chat_id = a.chat_id AND d.seq >= a.seq;

CREATE OR REPLACE TEMP TABLE said AS
SELECT chat_id,
       arg_min(chars, seq) FILTER (author = 'customer') AS opening_chars,
       min(at_us) FILTER (author IN ('ai', 'worker')) AS answered_us,
       count(*) FILTER (answers) AS rounds,
       count(*) FILTER (answers AND author = 'worker') AS human_rounds,
       count(*) FILTER (author = 'customer') AS customer_messages,
       count(*) FILTER (author = 'ai') AS ai_messages,
       count(*) FILTER (author = 'worker') AS worker_messages,
       sum(chars) FILTER (author = 'worker') AS worker_chars,
       avg(at_us - asked_us) FILTER (answers AND author = 'worker') / 1e6 AS worker_latency_s
FROM spoken GROUP BY 1;

CREATE OR REPLACE TEMP TABLE mood AS
SELECT m.chat_id, arg_max(m.sentiment, m.seq) AS closing_sentiment,
       arg_min(m.sentiment, m.seq) FILTER (a.round = 1) AS opening_sentiment
FROM moods m LEFT JOIN asked a USING (chat_id, seq) GROUP BY 1;

CREATE OR REPLACE TEMP TABLE flagged AS
SELECT chat_id, arg_min(cause, seq) AS cause, min(seq) AS flag_seq, min(at_us) AS flag_us
FROM flags_now WHERE NOT shadow GROUP BY 1;

CREATE OR REPLACE TEMP TABLE took AS
SELECT t.chat_id, min(t.at_us) AS takeover_us, min(t.back_us) AS back_us,
       min(seq) FILTER (reason IN ('takeover', 'reply')) AS own_seq
FROM takeovers_now t JOIN (SELECT chat_id, seq, reason FROM taken) USING (chat_id, seq) GROUP BY 1;

CREATE OR REPLACE TEMP TABLE first_takeover AS
SELECT chat_id, round, first_human_message_at FROM takeovers WHERE ordinal = 1;

INSERT INTO taken_days SELECT worker_id, make_timestamp(at_us)::DATE FROM taken;

INSERT INTO waited
SELECT chat_id, substr(actor, instr(actor, ':') + 1) AS worker_id, asked_us AS from_us,
       at_us AS until_us
FROM spoken WHERE answers AND author = 'worker';

INSERT INTO chats_raw
SELECT chat_id, day, opened_us, closed_us, d.* EXCLUDE (chat_id),
       s.* EXCLUDE (chat_id),
       m.opening_sentiment, m.closing_sentiment,
       CASE WHEN f.flag_seq IS NULL AND k.own_seq IS NULL THEN 'none'
            WHEN k.own_seq IS NULL OR f.flag_seq < k.own_seq THEN f.cause
            ELSE 'human_initiated' END AS path,
       CASE WHEN d.alert_seq IS NULL AND k.own_seq IS NULL THEN 'none'
            WHEN k.own_seq IS NULL OR d.alert_seq < k.own_seq THEN d.alert_cause
            ELSE 'human_initiated' END AS delivered_path,
       f.flag_us, k.takeover_us, k.back_us, t.round AS takeover_round, t.first_human_message_at
FROM closed c
JOIN (
  SELECT chat_id,
    any_value(customer_id) FILTER (kind = 'ChatOpened') AS customer_id,
    any_value(channel) FILTER (kind = 'ChatOpened') AS channel,
    any_value(language) FILTER (kind = 'ChatOpened') AS language,
    any_value(data) FILTER (kind = 'ChatOpened') AS opening_data,
    any_value(policy) FILTER (kind = 'ChatOpened') AS policy,
    any_value(version) FILTER (kind = 'ChatOpened') AS policy_version,
    any_value(previous_chat_id) FILTER (kind = 'ChatOpened') AS previous_chat_id,
    any_value(issue_class) FILTER (kind = 'ChatOpened') AS issue_opened,
    arg_min(issue_class, seq) FILTER (kind = 'EligibilityAssessed') AS issue_assessed,
    arg_min(eligible, seq) FILTER (kind = 'EligibilityAssessed') AS eligible,
    arg_min(score, seq) FILTER (kind = 'EligibilityAssessed') AS eligibility_score,
    arg_min(version, seq) FILTER (kind = 'EligibilityAssessed') AS eligibility_version,
    arg_min(technical, seq) FILTER (kind = 'EligibilityAssessed') AS p_technical,
    arg_min(emotional, seq) FILTER (kind = 'EligibilityAssessed') AS p_emotional,
    arg_min(requested, seq) FILTER (kind = 'EligibilityAssessed') AS p_requested,
    arg_min(unaided, seq) FILTER (kind = 'EligibilityAssessed') AS p_unaided,
    arg_min(sentiment, seq) FILTER (kind = 'EligibilityAssessed') AS assessed_sentiment,
    arg_min(owner, seq) FILTER (kind = 'OwnerSet') AS first_owner_id,
    arg_min_null(probability, seq) FILTER (kind = 'OwnerSet' AND owner IS NOT NULL) AS owner_probability,
    arg_min(data, seq) FILTER (kind = 'OwnerSet' AND owner IS NOT NULL) AS owner_data,
    arg_max(owner, seq) FILTER (kind = 'OwnerSet') AS last_owner_id,
    min(at_us) FILTER (kind = 'HolderChanged' AND holder_to <> 'nobody') AS held_us,
    arg_min(holder_id, seq) FILTER (kind = 'HolderChanged' AND holder_to = 'ai') AS brain_version,
    min(at_us) FILTER (kind = 'WrapUpStarted') AS wrap_from_us,
    max(at_us) FILTER (kind = 'WrapUpEnded') AS wrap_until_us,
    arg_min(reason, seq) FILTER (kind = 'ChatClosed') AS close_reason,
    arg_min(cause, seq) FILTER (kind = 'AlertShown') AS alert_cause,
    min(seq) FILTER (kind = 'AlertShown') AS alert_seq,
    min(at_us) FILTER (kind = 'AlertShown') AS alert_us,
    min(at_us) FILTER (kind = 'AlertAcknowledged') AS acknowledged_us,
    count(*) FILTER (kind = 'SuggestionUsed') AS suggestions_used
  FROM done WHERE kind <> 'ChatScored' AND kind <> 'DecisionDrawn' GROUP BY 1
) d USING (chat_id)
LEFT JOIN said s USING (chat_id)
LEFT JOIN mood m USING (chat_id)
LEFT JOIN flagged f USING (chat_id)
LEFT JOIN took k USING (chat_id)
LEFT JOIN first_takeover t USING (chat_id);

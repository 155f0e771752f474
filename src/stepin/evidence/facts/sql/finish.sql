-- What needs more than one chat: retrials, what was known before, load, attention, worker days.
-- Variables: `until_us`, the end of the log; `treatment_us`, the start of the trial's treatment.

-- Chats go by `n`, their row in `chats_raw`; tables that carry `day` can be read in slices.
CREATE TABLE known AS
SELECT row_number() OVER (ORDER BY opened_us, chat_id) AS n, rowid AS raw, day, chat_id, customer_id, coalesce(issue_assessed, issue_opened, 'unknown') AS issue,
       coalesce(first_owner_id, '') AS owner, opened_us, closed_us,
       coalesce(wrap_from_us, closed_us) - opened_us AS talk_us
FROM chats_raw;

CREATE TABLE openings AS
SELECT n, day, chat_id, customer_id, issue, opened_us FROM known
UNION ALL
SELECT NULL, NULL, chat_id,
       any_value(customer_id) FILTER (kind = 'ChatOpened'),
       coalesce(arg_min(issue_class, seq) FILTER (kind = 'EligibilityAssessed'),
                any_value(issue_class) FILTER (kind = 'ChatOpened'), 'unknown'),
       any_value(at_us) FILTER (kind = 'ChatOpened')
FROM done_open GROUP BY chat_id;

CREATE TABLE next_chat AS
SELECT k.n, k.day, o.opened_us - k.closed_us AS gap_us
FROM known k
ASOF LEFT JOIN openings o
  ON k.customer_id = o.customer_id AND k.issue = o.issue AND k.closed_us < o.opened_us;

CREATE TABLE last_chat AS
SELECT o.n, o.day, o.chat_id, o.customer_id, o.opened_us, p.chat_id AS previous_chat_id,
       coalesce(o.opened_us - p.closed_us <= 604800000000, false) AS is_retrial
FROM openings o
ASOF LEFT JOIN known p
  ON o.customer_id = p.customer_id AND o.issue = p.issue AND o.opened_us > p.closed_us;

CREATE TABLE rated AS
SELECT k.n, k.day, k.chat_id, k.customer_id, k.owner, arg_min(rating, at_us) AS rating,
       min(at_us) FILTER (rating IS NOT NULL) AS rated_us
FROM ratings r JOIN known k USING (chat_id) GROUP BY ALL;

-- What was known of a customer at an opening: at equal times the question comes first.
CREATE TABLE customers AS
SELECT n, day, chats, retrials, rating_sum / nullif(rating_count, 0) AS rating
FROM (
  SELECT n, day, asks,
         count(*) FILTER (asks) OVER earlier AS chats,
         count(*) FILTER (asks AND is_retrial) OVER earlier AS retrials,
         sum(rating) OVER earlier AS rating_sum, count(rating) OVER earlier AS rating_count
  FROM (
    SELECT customer_id, opened_us AS t, n, day, true AS asks, is_retrial,
           NULL::BIGINT AS rating
    FROM last_chat
    UNION ALL
    SELECT customer_id, rated_us, NULL, NULL, false, false, rating
    FROM rated WHERE rating IS NOT NULL
  )
  WINDOW earlier AS (PARTITION BY customer_id ORDER BY t, n NULLS LAST
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) WHERE asks AND n IS NOT NULL;

CREATE TABLE people AS
SELECT worker_id, row_number() OVER (ORDER BY worker_id) AS w FROM (
  SELECT DISTINCT owner AS worker_id FROM known
  UNION SELECT DISTINCT worker_id FROM held WHERE worker_id IS NOT NULL
  UNION SELECT DISTINCT worker_id FROM focused);

-- What was known of the first owner, and how many chats were open in the owner's hands. Running
-- sums are packed, two to a row: `a` holds openings, ratings << 40 and closes << 80; `b` holds
-- µs of duration, sum of ratings << 60, open chats << 90 and those of the AI << 108.
CREATE TABLE owners AS
SELECT n, day, (a % 1099511627776)::BIGINT AS chats,
       (b // 1152921504606846976 % 1073741824)::DOUBLE
         / nullif((a // 1099511627776 % 1099511627776)::DOUBLE, 0) AS rating,
       (b % 1152921504606846976)::DOUBLE
         / nullif((a // 1208925819614629174706176)::DOUBLE, 0) / 1e6 AS duration_s,
       (b // 1237940039285380274899124224 % 262144)::BIGINT AS concurrency,
       (b // 324518553658426726783156020576256)::BIGINT AS supervised_concurrency
FROM (
  SELECT n, day, coalesce(sum(a) OVER earlier, 0)::HUGEINT AS a,
         coalesce(sum(b) OVER earlier, 0)::HUGEINT AS b
  FROM (
    SELECT w, t, n, day, a, b FROM (
      SELECT owner AS worker_id, opened_us AS t, n, day, 1::HUGEINT AS a, 0::HUGEINT AS b FROM known
      UNION ALL
      SELECT owner, closed_us, NULL, NULL, 1208925819614629174706176::HUGEINT, talk_us FROM known
      UNION ALL
      SELECT owner, rated_us, NULL, NULL, 1099511627776::HUGEINT,
             rating::HUGEINT * 1152921504606846976
      FROM rated WHERE rating IS NOT NULL
      UNION ALL
      SELECT worker_id, from_us, NULL, NULL, 0, 1237940039285380274899124224::HUGEINT
             + supervised::INT * 324518553658426726783156020576256::HUGEINT
      FROM held
      UNION ALL
      SELECT worker_id, until_us, NULL, NULL, 0, -1237940039285380274899124224::HUGEINT
             - supervised::INT * 324518553658426726783156020576256::HUGEINT
      FROM held
    ) JOIN people USING (worker_id)
  )
  WINDOW earlier AS (PARTITION BY w ORDER BY t, n NULLS LAST
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  QUALIFY n IS NOT NULL
);

CREATE TABLE queues AS
SELECT n, day, coalesce(length, 0) AS queue_length
FROM (
  SELECT n, day, sum(step) OVER (ORDER BY t, n NULLS LAST
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS length
  FROM (
    SELECT opened_us AS t, 0 AS step, n, day FROM known
    UNION ALL SELECT from_us, 1, NULL, NULL FROM waiting
    UNION ALL SELECT until_us, -1, NULL, NULL FROM waiting
  )
) WHERE n IS NOT NULL;

-- Attention: where a worker's intervals overlap, k at once get 1/k of the time each.
CREATE TABLE focus_steps AS
SELECT w, t, sum(step)::INT AS step FROM (
  SELECT worker_id, from_us AS t, 1 AS step FROM focused WHERE chat_id IS NOT NULL
  UNION ALL SELECT worker_id, until_us, -1 FROM focused WHERE chat_id IS NOT NULL
) JOIN people USING (worker_id) GROUP BY ALL;

CREATE TABLE focus_shares AS
SELECT w, t,
       sum(coalesce(length_us / nullif(depth, 0), 0)) OVER (
         PARTITION BY w ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
       ) AS shared_us
FROM (
  SELECT w, t, sum(step) OVER along AS depth, lead(t) OVER along - t AS length_us
  FROM focus_steps
  WINDOW along AS (PARTITION BY w ORDER BY t ROWS UNBOUNDED PRECEDING)
);

CREATE TABLE attention AS
SELECT f.worker_id, f.chat_id, f.from_us, f.until_us,
       (b.shared_us - coalesce(a.shared_us, 0)) / 1e6 AS attention_s
FROM focused f JOIN people p USING (worker_id)
JOIN focus_shares a ON a.w = p.w AND a.t = f.from_us
JOIN focus_shares b ON b.w = p.w AND b.t = f.until_us
WHERE f.chat_id IS NOT NULL;

CREATE VIEW focus AS
SELECT worker_id, make_timestamp(from_us)::DATE AS day, chat_id, make_timestamp(from_us) AS from_at,
       (until_us - from_us) / 1e6 AS focus_s, attention_s
FROM attention;

CREATE TABLE attended AS
SELECT n, day, sum(attention_s) AS attention_s
FROM attention JOIN known USING (chat_id) GROUP BY ALL;

-- Away: the worker who answered looked elsewhere while the customer awaited the answer.
CREATE TABLE seen AS
SELECT w.chat_id, w.worker_id, w.from_us, w.until_us,
       sum(greatest(0, least(w.until_us, f.until_us) - greatest(w.from_us, f.from_us))) AS seen_us,
       count(*) FILTER (f.until_us > w.from_us AND f.until_us < w.until_us
                        AND f.to_chat_id IS DISTINCT FROM f.chat_id) AS switch_aways
FROM waited w JOIN focused f
  ON f.chat_id = w.chat_id AND f.worker_id = w.worker_id
 AND f.from_us < w.until_us AND f.until_us > w.from_us
GROUP BY ALL;

CREATE TABLE away AS
SELECT n, day,
       sum(greatest(w.until_us - w.from_us - coalesce(seen_us, 0), 0)) / 1e6 AS away_s,
       coalesce(sum(switch_aways), 0) AS switch_aways
FROM waited w JOIN known USING (chat_id)
LEFT JOIN seen USING (chat_id, worker_id, from_us, until_us) GROUP BY ALL;

CREATE VIEW shifts AS
SELECT worker_id, make_timestamp(at_us)::DATE AS day, make_timestamp(at_us) AS on_at,
       make_timestamp(off_us) AS off_at
FROM (
  SELECT *, lead(at_us) OVER (PARTITION BY worker_id ORDER BY seq) AS off_us,
         lag(signs_on) OVER (PARTITION BY worker_id ORDER BY seq) AS was_on
  FROM (SELECT *, lag(signs_on) OVER (PARTITION BY worker_id ORDER BY seq) AS same FROM signed)
  WHERE same IS DISTINCT FROM signs_on
) WHERE signs_on;

CREATE VIEW actions AS
SELECT a.* EXCLUDE (chat_id, proposed_us, decided_us, started_us, ended_us, end_kind, decide_kind,
                    proposer),
       a.chat_id, c.day,
       CASE WHEN proposer LIKE 'worker:%' THEN 'worker' ELSE 'ai' END AS proposed_by,
       make_timestamp(proposed_us) AS proposed_at,
       CASE decide_kind WHEN 'ActionApproved' THEN 'approved' WHEN 'ActionEdited' THEN 'edited'
                        WHEN 'ActionDenied' THEN 'denied' WHEN 'ActionExpired' THEN 'expired' END
         AS decision,
       make_timestamp(decided_us) AS decided_at, make_timestamp(started_us) AS started_at,
       make_timestamp(ended_us) AS ended_at,
       CASE end_kind WHEN 'ActionSucceeded' THEN 'succeeded' WHEN 'ActionFailed' THEN 'failed'
                     WHEN 'ActionUnknown' THEN 'unknown' WHEN 'ActionReconciled' THEN 'reconciled'
                     END AS ended_as
FROM (
  SELECT action_id, any_value(chat_id) AS chat_id,
    any_value(tool) FILTER (kind = 'ActionProposed') AS tool,
    any_value(version) FILTER (kind = 'ActionProposed') AS tool_version,
    any_value(actor) FILTER (kind = 'ActionProposed') AS proposer,
    min(at_us) FILTER (kind = 'ActionProposed') AS proposed_us,
    arg_max(kind, seq) FILTER (kind IN ('ActionApproved', 'ActionDenied', 'ActionExpired')
                               OR kind = 'ActionEdited') AS decide_kind,
    arg_max(at_us, seq) FILTER (kind IN ('ActionApproved', 'ActionEdited', 'ActionDenied',
                                         'ActionExpired')) AS decided_us,
    arg_max(CASE WHEN actor LIKE 'worker:%' THEN substr(actor, 8) END, seq)
      FILTER (kind IN ('ActionApproved', 'ActionEdited', 'ActionDenied')) AS decided_by,
    min(at_us) FILTER (kind = 'ActionStarted') AS started_us,
    arg_max(at_us, seq) FILTER (kind IN ('ActionSucceeded', 'ActionFailed', 'ActionUnknown',
                                         'ActionReconciled')) AS ended_us,
    arg_max(kind, seq) FILTER (kind IN ('ActionSucceeded', 'ActionFailed', 'ActionUnknown',
                                        'ActionReconciled')) AS end_kind
  FROM acted GROUP BY 1
) a JOIN chats_raw c USING (chat_id);

CREATE TABLE arms AS
SELECT unit_id AS worker_id, arm_min AS arm, block, joined_us FROM (
  SELECT unit_id, any_value(arm) AS arm_min, any_value(block) AS block, min(at_us) AS joined_us
  FROM assigned WHERE trial_id = getvariable('trial_id') GROUP BY 1);

CREATE TABLE crossings AS
SELECT DISTINCT k.n, k.day
FROM held h JOIN known k USING (chat_id)
JOIN arms a ON a.worker_id = h.worker_id JOIN arms o ON o.worker_id = k.owner
WHERE NOT h.supervised AND a.arm <> o.arm;

CREATE VIEW chats AS
SELECT r.chat_id, r.customer_id, coalesce(r.first_owner_id, '') AS first_owner_id,
  make_timestamp(r.opened_us) AS opened_at, r.day, hour(make_timestamp(r.opened_us)) AS hour,
  r.channel, r.language, coalesce(r.issue_assessed, r.issue_opened, 'unknown') AS issue_class,
  coalesce(r.eligible, false) AS eligible, coalesce(r.eligibility_score, 0) AS eligibility_score,
  coalesce(r.eligibility_version, '') AS eligibility_version,
  coalesce(r.opening_chars, 0) AS opening_chars,
  coalesce(r.assessed_sentiment, r.opening_sentiment) AS opening_sentiment,
  r.p_technical, r.p_emotional, r.p_requested, r.p_unaided,
  TRY_CAST(json_extract_string(r.opening_data, '$.covariates.tenure_days') AS DOUBLE)
    AS customer_tenure_days,
  TRY_CAST(json_extract_string(r.opening_data, '$.covariates.value') AS DOUBLE) AS customer_value,
  TRY_CAST(json_extract_string(r.owner_data, '$.covariates.tenure_days') AS DOUBLE)
    AS worker_tenure_days,
  coalesce(TRY_CAST(json_extract_string(r.opening_data, '$.covariates.prior_chats') AS BIGINT),
           u.chats) AS customer_prior_chats,
  coalesce(TRY_CAST(json_extract_string(r.opening_data, '$.covariates.prior_retrials') AS BIGINT),
           u.retrials) AS customer_prior_retrials,
  coalesce(TRY_CAST(json_extract_string(r.opening_data, '$.covariates.prior_rating') AS DOUBLE),
           u.rating) AS customer_prior_rating,
  coalesce(TRY_CAST(json_extract_string(r.owner_data, '$.covariates.prior_chats') AS BIGINT),
           w.chats) AS worker_prior_chats,
  coalesce(TRY_CAST(json_extract_string(r.owner_data, '$.covariates.prior_rating') AS DOUBLE),
           w.rating) AS worker_prior_rating,
  coalesce(TRY_CAST(json_extract_string(r.owner_data, '$.covariates.prior_duration_s') AS DOUBLE),
           w.duration_s) AS worker_prior_duration_s,
  w.concurrency, w.supervised_concurrency, q.queue_length, r.owner_probability,
  coalesce(r.previous_chat_id, l.previous_chat_id) AS previous_chat_id,
  coalesce(nullif(r.policy_version, ''), r.policy, '') AS policy_version, r.brain_version,
  coalesce(r.last_owner_id, '') AS worker_id, make_timestamp(r.closed_us) AS closed_at,
  r.close_reason,
  (coalesce(r.held_us, r.closed_us) - r.opened_us) / 1e6 AS queue_wait_s,
  (r.answered_us - r.opened_us) / 1e6 AS first_response_s,
  (coalesce(r.wrap_from_us, r.closed_us) - r.opened_us) / 1e6 AS duration_s,
  CASE WHEN getvariable('has_focus') THEN coalesce(t.attention_s, 0) END AS attention_s,
  (r.wrap_until_us - r.wrap_from_us) / 1e6 AS wrap_up_s,
  CASE WHEN getvariable('has_focus') THEN coalesce(y.away_s, 0) END AS away_s,
  CASE WHEN getvariable('has_focus') THEN coalesce(y.switch_aways, 0) END::BIGINT AS switch_aways,
  coalesce(r.rounds, 0) AS rounds, coalesce(r.human_rounds, 0) AS human_rounds,
  coalesce(r.customer_messages, 0) AS customer_messages, coalesce(r.ai_messages, 0) AS ai_messages,
  coalesce(r.worker_messages, 0) AS worker_messages, coalesce(r.worker_chars, 0) AS worker_chars,
  r.worker_latency_s, r.path, r.delivered_path,
  make_timestamp(r.flag_us) AS flag_at, make_timestamp(r.alert_us) AS alert_at,
  make_timestamp(r.acknowledged_us) AS acknowledged_at,
  make_timestamp(r.takeover_us) AS takeover_at, r.first_human_message_at,
  make_timestamp(r.back_us) AS hand_back_at, r.takeover_round, r.closing_sentiment,
  d.n IS NOT NULL AS rating_invited, d.rating,
  CASE WHEN r.closed_us + 600000000 <= getvariable('until_us')
       THEN coalesce(g.gap_us <= 600000000, false) END AS retrial_10m,
  CASE WHEN r.closed_us + 86400000000 <= getvariable('until_us')
       THEN coalesce(g.gap_us <= 86400000000, false) END AS retrial_24h,
  CASE WHEN r.closed_us + 259200000000 <= getvariable('until_us')
       THEN coalesce(g.gap_us <= 259200000000, false) END AS retrial_3d,
  CASE WHEN r.closed_us + 604800000000 <= getvariable('until_us')
       THEN coalesce(g.gap_us <= 604800000000, false) END AS retrial_7d,
  CASE WHEN o.arm IS NOT NULL THEN x.n IS NOT NULL END AS crossed_arm,
  r.suggestions_used,
  NULL::DOUBLE AS information_seeking, NULL::DOUBLE AS solution_provision,
  NULL::DOUBLE AS empathy, NULL::DOUBLE AS proactivity
FROM (SELECT n, c.* FROM known k JOIN (SELECT rowid AS raw, * FROM chats_raw) c USING (raw)
      WHERE k.day BETWEEN getvariable('from_day') AND getvariable('until_day')
        AND c.day BETWEEN getvariable('from_day') AND getvariable('until_day')) r
LEFT JOIN (FROM customers WHERE day BETWEEN getvariable('from_day') AND getvariable('until_day')) u
  USING (n)
LEFT JOIN (FROM owners WHERE day BETWEEN getvariable('from_day') AND getvariable('until_day')) w
  USING (n)
LEFT JOIN (FROM queues WHERE day BETWEEN getvariable('from_day') AND getvariable('until_day')) q
  USING (n)
LEFT JOIN (FROM last_chat WHERE day BETWEEN getvariable('from_day') AND getvariable('until_day')) l
  USING (n)
LEFT JOIN (FROM next_chat WHERE day BETWEEN getvariable('from_day') AND getvariable('until_day')) g
  USING (n)
LEFT JOIN (FROM rated WHERE day BETWEEN getvariable('from_day') AND getvariable('until_day')) d
  USING (n)
LEFT JOIN (FROM attended WHERE day BETWEEN getvariable('from_day') AND getvariable('until_day')) t
  USING (n)
LEFT JOIN (FROM away WHERE day BETWEEN getvariable('from_day') AND getvariable('until_day')) y
  USING (n)
LEFT JOIN crossings x USING (n)
LEFT JOIN arms o ON o.worker_id = r.first_owner_id;

CREATE TABLE chats_slim AS
SELECT k.owner AS worker_id, k.day, coalesce(r.eligible, false) AS eligible,
       k.talk_us / 1e6 AS duration_s, d.rating,
       CASE WHEN k.closed_us + 604800000000 <= getvariable('until_us')
            THEN coalesce(g.gap_us <= 604800000000, false) END AS retrial_7d
FROM known k JOIN (SELECT rowid AS raw, eligible FROM chats_raw) r USING (raw)
LEFT JOIN next_chat g USING (n) LEFT JOIN rated d USING (n);

-- Stretches of presence, of holding and of focus, cut at midnight.
CREATE TABLE cut AS
WITH stretch AS (
  SELECT worker_id, 'on' AS what, epoch_us(on_at) AS from_us,
         coalesce(epoch_us(off_at), getvariable('until_us')) AS until_us FROM shifts
  UNION ALL
  SELECT worker_id, CASE WHEN supervised THEN 'supervised' ELSE 'held' END, from_us, until_us
  FROM held WHERE worker_id IS NOT NULL
  UNION ALL
  SELECT worker_id, 'focus', from_us, until_us FROM focused WHERE chat_id IS NOT NULL
)
SELECT worker_id, what, make_timestamp(d * 86400000000)::DATE AS day,
       sum(least(until_us, (d + 1) * 86400000000) - greatest(from_us, d * 86400000000)) / 1e6 AS s
FROM (
  SELECT *, unnest(range(from_us // 86400000000, until_us // 86400000000 + 1)) AS d FROM stretch
) GROUP BY ALL;

CREATE VIEW worker_days AS
SELECT worker_id, day, coalesce(c.chats, 0) AS chats, coalesce(c.eligible_chats, 0) AS eligible_chats,
       coalesce(t.takeovers, 0) AS takeovers, coalesce(p.on_s, 0) AS on_s,
       CASE WHEN getvariable('has_focus') THEN coalesce(p.focus_s, 0) END AS focus_s,
       CASE WHEN getvariable('has_focus') THEN coalesce(a.switch_aways, 0) END::BIGINT
         AS switch_aways,
       coalesce(p.held_s / nullif(p.on_s, 0), 0) AS mean_concurrency,
       coalesce(p.supervised_s / nullif(p.on_s, 0), 0) AS mean_supervised_concurrency
FROM (
  SELECT worker_id, day, count(*) AS chats, count(*) FILTER (eligible) AS eligible_chats
  FROM chats_slim WHERE worker_id <> '' GROUP BY ALL
) c
FULL JOIN (
  SELECT worker_id, day, sum(s) FILTER (what = 'on') AS on_s, sum(s) FILTER (what = 'held') AS held_s,
         sum(s) FILTER (what = 'supervised') AS supervised_s, sum(s) FILTER (what = 'focus') AS focus_s
  FROM cut GROUP BY ALL HAVING sum(s) > 0
) p USING (worker_id, day)
FULL JOIN (SELECT worker_id, day, count(*) AS takeovers FROM taken_days GROUP BY ALL) t
  USING (worker_id, day)
LEFT JOIN (
  SELECT worker_id, make_timestamp(from_us)::DATE AS day, sum(switch_aways) AS switch_aways
  FROM seen GROUP BY ALL
) a USING (worker_id, day);

CREATE VIEW workers AS
SELECT worker_id, coalesce(a.block, '') AS block,
       make_timestamp(coalesce(a.joined_us, s.first_us, c.first_us)) AS joined_at, s.team,
       s.tenure_days + greatest(0, getvariable('treatment_us') - s.first_us) / 86400e6 AS tenure_days,
       coalesce(p.chats, 0) AS pre_chats, p.duration_s AS pre_duration_s, p.rating AS pre_rating,
       p.retrial_7d AS pre_retrial_7d, a.arm,
       CASE WHEN a.arm IS NOT NULL
            THEN make_timestamp(coalesce(t.from_us, getvariable('treatment_us'))) END AS treated_from,
       make_timestamp(s.left_us) AS left_at
FROM (SELECT DISTINCT worker_id FROM signed UNION SELECT DISTINCT worker_id FROM arms
      UNION SELECT DISTINCT worker_id FROM chats_slim WHERE worker_id <> '') w
LEFT JOIN arms a USING (worker_id)
LEFT JOIN starts t USING (worker_id)
LEFT JOIN (
  SELECT worker_id, min(at_us) AS first_us,
         coalesce(arg_min(json_extract_string(data, '$.covariates.team'), at_us) FILTER (signs_on),
                  arg_min(json_extract_string(data, '$.groups[0]'), at_us) FILTER (signs_on)) AS team,
         arg_min(TRY_CAST(json_extract_string(data, '$.covariates.tenure_days') AS DOUBLE), at_us)
           FILTER (signs_on) AS tenure_days,
         CASE WHEN arg_max(reason, seq) = 'disabled' AND NOT arg_max(signs_on, seq)
              THEN max(at_us) END AS left_us
  FROM signed GROUP BY 1
) s USING (worker_id)
LEFT JOIN (SELECT owner AS worker_id, min(opened_us) AS first_us FROM known GROUP BY 1) c
  USING (worker_id)
LEFT JOIN (
  SELECT worker_id, count(*) AS chats, avg(duration_s) AS duration_s, avg(rating) AS rating,
         avg(retrial_7d::INT) AS retrial_7d
  FROM chats_slim WHERE day < make_timestamp(getvariable('treatment_us'))::DATE GROUP BY 1
) p USING (worker_id);

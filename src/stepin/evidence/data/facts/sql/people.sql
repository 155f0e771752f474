-- Workers, their shifts and the actions: small tables, from events that are kept whole.
-- Given: `signed`, `assigned`, `starts`, `acted`, `chat_days`, `owned` and `before_trial`.
-- Variables: `treatment_us`, the start of the trial's treatment; `trial_id`.

CREATE VIEW shifts AS
SELECT worker_id, make_timestamp(at_us)::DATE AS day, make_timestamp(at_us) AS on_at,
       make_timestamp(off_us) AS off_at
FROM (
  SELECT *, lead(at_us) OVER (PARTITION BY worker_id ORDER BY seq) AS off_us
  FROM (SELECT *, lag(signs_on) OVER (PARTITION BY worker_id ORDER BY seq) AS same FROM signed)
  WHERE same IS DISTINCT FROM signs_on
) WHERE signs_on
ORDER BY worker_id, on_at;

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
    arg_max(kind, seq) FILTER (kind IN ('ActionApproved', 'ActionDenied', 'ActionExpired',
                                        'ActionEdited')) AS decide_kind,
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
) a JOIN chat_days c USING (chat_id)
ORDER BY c.day, action_id;

CREATE VIEW arms AS
SELECT unit_id AS worker_id, any_value(arm) AS arm, any_value(block) AS block,
       min(at_us) AS joined_us
FROM assigned WHERE trial_id = getvariable('trial_id') GROUP BY 1;

CREATE VIEW workers AS
SELECT worker_id, coalesce(a.block, '') AS block,
       make_timestamp(coalesce(a.joined_us, s.first_us, c.first_us)) AS joined_at, s.team,
       s.tenure_days + greatest(0, getvariable('treatment_us') - s.first_us) / 86400e6 AS tenure_days,
       coalesce(c.chats, 0) AS pre_chats, c.duration_s AS pre_duration_s, c.rating AS pre_rating,
       c.retrial_7d AS pre_retrial_7d, a.arm,
       CASE WHEN t.worker_id IS NOT NULL THEN make_timestamp(t.from_us)
            WHEN a.arm IS NOT NULL THEN make_timestamp(getvariable('treatment_us')) END
         AS treated_from,
       make_timestamp(s.left_us) AS left_at
FROM (SELECT DISTINCT worker_id FROM signed UNION SELECT DISTINCT worker_id FROM arms
      UNION SELECT worker_id FROM owned) w
LEFT JOIN arms a USING (worker_id)
LEFT JOIN starts t USING (worker_id)
LEFT JOIN (
  SELECT worker_id, min(at_us) AS first_us, arg_min(team, at_us) FILTER (signs_on) AS team,
         arg_min(tenure_days, at_us) FILTER (signs_on) AS tenure_days,
         CASE WHEN arg_max(reason, seq) = 'disabled' AND NOT arg_max(signs_on, seq)
              THEN max(at_us) END AS left_us
  FROM signed GROUP BY 1
) s USING (worker_id)
LEFT JOIN owned c USING (worker_id)
ORDER BY worker_id;

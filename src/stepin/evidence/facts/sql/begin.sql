-- The empty tables that batches add to.

CREATE TABLE spoken_open (
  chat_id VARCHAR, seq BIGINT, at_us BIGINT, epoch BIGINT, actor VARCHAR, author VARCHAR,
  chars BIGINT);

CREATE TABLE done_open (
  chat_id VARCHAR, seq BIGINT, at_us BIGINT, epoch BIGINT, kind VARCHAR, actor VARCHAR,
  policy VARCHAR, detector VARCHAR, worker_id VARCHAR, customer_id VARCHAR, channel VARCHAR,
  language VARCHAR, issue_class VARCHAR, previous_chat_id VARCHAR, eligible BOOLEAN, score DOUBLE,
  threshold DOUBLE, version VARCHAR, owner VARCHAR, probability DOUBLE, holder_from VARCHAR,
  holder_to VARCHAR, holder_id VARCHAR, reason VARCHAR, turn_seq BIGINT, cause VARCHAR,
  shadow BOOLEAN, flag_seq BIGINT, technical DOUBLE, emotional DOUBLE, requested DOUBLE,
  risk DOUBLE, unaided DOUBLE, sentiment DOUBLE, point VARCHAR, drawn VARCHAR, draw_key VARCHAR,
  available BOOLEAN, data VARCHAR);

CREATE TABLE held (
  chat_id VARCHAR, worker_id VARCHAR, supervised BOOLEAN, from_us BIGINT, until_us BIGINT);

CREATE TABLE waiting (from_us BIGINT, until_us BIGINT);

CREATE TABLE waited (chat_id VARCHAR, worker_id VARCHAR, from_us BIGINT, until_us BIGINT);

CREATE TABLE taken_days (worker_id VARCHAR, day DATE);

CREATE TABLE ratings (chat_id VARCHAR, rating BIGINT, at_us BIGINT);

CREATE TABLE focused (
  worker_id VARCHAR, chat_id VARCHAR, to_chat_id VARCHAR, from_us BIGINT, until_us BIGINT);

CREATE TABLE signed (
  worker_id VARCHAR, signs_on BOOLEAN, reason VARCHAR, at_us BIGINT, seq BIGINT, data VARCHAR);

CREATE TABLE assigned (
  trial_id VARCHAR, unit_id VARCHAR, arm VARCHAR, block VARCHAR, late BOOLEAN, at_us BIGINT);

CREATE TABLE acted (
  action_id VARCHAR, chat_id VARCHAR, seq BIGINT, at_us BIGINT, kind event_kind, actor VARCHAR,
  tool VARCHAR, version VARCHAR);

CREATE TABLE chats_raw (
  chat_id VARCHAR, day DATE, opened_us BIGINT, closed_us BIGINT, customer_id VARCHAR,
  channel VARCHAR, language VARCHAR, opening_data VARCHAR, policy VARCHAR, policy_version VARCHAR,
  previous_chat_id VARCHAR, issue_opened VARCHAR, issue_assessed VARCHAR, eligible BOOLEAN,
  eligibility_score DOUBLE, eligibility_version VARCHAR, p_technical DOUBLE, p_emotional DOUBLE,
  p_requested DOUBLE, p_unaided DOUBLE, assessed_sentiment DOUBLE, first_owner_id VARCHAR,
  owner_probability DOUBLE, owner_data VARCHAR, last_owner_id VARCHAR, held_us BIGINT,
  brain_version VARCHAR, wrap_from_us BIGINT, wrap_until_us BIGINT, close_reason VARCHAR,
  alert_cause VARCHAR, alert_seq BIGINT, alert_us BIGINT, acknowledged_us BIGINT,
  suggestions_used BIGINT, opening_chars BIGINT, answered_us BIGINT, rounds BIGINT,
  human_rounds BIGINT, customer_messages BIGINT, ai_messages BIGINT, worker_messages BIGINT,
  worker_chars BIGINT, worker_latency_s DOUBLE, opening_sentiment DOUBLE, closing_sentiment DOUBLE,
  path VARCHAR, delivered_path VARCHAR, flag_us BIGINT, takeover_us BIGINT, back_us BIGINT,
  takeover_round BIGINT, first_human_message_at TIMESTAMP);

-- Ids are ULIDs in text. Names are checked by the domain; constraints here hold what code must not be trusted with.

create table users (
  id          text primary key,
  username    text not null constraint users_username_unique unique,
  email       text not null,
  disabled_at timestamptz,
  created_at  timestamptz not null
);

create table streams (
  id         text primary key,
  user_id    text not null references users,
  title      text not null,
  revision   bigint not null,          -- goes up with each change of its destinations
  created_at timestamptz not null,
  removed_at timestamptz               -- hidden, its destinations gone; the row stays while usage hangs on it
);
create index streams_by_user on streams (user_id);

create table stream_keys (
  id         text primary key,
  stream_id  text not null references streams,
  label      text not null,
  key_hash   bytea not null constraint stream_keys_key_hash_unique unique check (length(key_hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);
create index stream_keys_by_stream on stream_keys (stream_id);

create table destinations (
  id          text primary key,
  stream_id   text not null references streams,
  service     text,
  server      text,
  url         text not null,
  seal_key_id text not null,
  sealed_key  bytea not null,          -- AES-256-GCM; see src/db/seal.ts
  enabled     boolean not null,
  revision    bigint not null,         -- goes up with each edit
  retry_seq   bigint not null,         -- goes up with each "retry now"
  created_at  timestamptz not null
);
create index destinations_by_stream on destinations (stream_id);

create table publishes (
  id             text primary key,
  stream_id      text not null references streams,
  stream_key_id  text not null references stream_keys,
  user_id        text not null references users,
  agent_id       text not null,
  started_at     timestamptz not null,
  last_report_at timestamptz,
  live_ms        bigint not null default 0,
  ingest_bytes   bigint not null default 0,
  drop_reason    text,                 -- a drop was asked for; told in the answer to a usage report
  ended_at       timestamptz,
  end_reason     text
) with (fillfactor = 70);              -- usage reports update rows in place: no index holds a counter or last_report_at
create index publishes_open_by_user on publishes (user_id) where ended_at is null;
create index publishes_open_by_stream on publishes (stream_id) where ended_at is null;

-- No reference to destinations: usage outlives them.
create table destination_usage (
  publish_id     text not null references publishes,
  destination_id text not null,
  egress_ms      bigint not null default 0,
  egress_bytes   bigint not null default 0,
  primary key (publish_id, destination_id)
) with (fillfactor = 70);

create table usage_ledgers (
  user_id      text not null references users,
  period       text not null,          -- 2026-11: a calendar month in UTC
  live_ms      bigint not null default 0,
  ingest_bytes bigint not null default 0,
  egress_ms    bigint not null default 0,
  egress_bytes bigint not null default 0,
  primary key (user_id, period)
) with (fillfactor = 70);
create index usage_ledgers_by_period on usage_ledgers (period);

-- hash = sha256(hash of seq - 1, seq, body); the other columns are derived from the body, so that it alone is covered.
create table audit (
  seq      bigint primary key,
  body     text not null,              -- {at, actor, action, subject, detail} as JSON
  hash     bytea not null,
  at       timestamptz generated always as (to_timestamp(((body::jsonb) ->> 'at')::numeric::double precision / 1000)) stored,
  actor_id text generated always as ((body::jsonb) -> 'actor' ->> 'id') stored,
  action   text generated always as ((body::jsonb) ->> 'action') stored,
  subject  text generated always as ((body::jsonb) ->> 'subject') stored
);
create index audit_by_subject on audit (subject, seq);

create table outbox (
  id         text primary key,         -- the task's id is derived from it
  kind       text not null,
  payload    jsonb not null,
  created_at timestamptz not null
);

-- A row that the queue can never take stays, with why, for an operator to see; it stops no other.
alter table outbox add column refused_at timestamptz, add column reason text;

create index outbox_waiting on outbox (kind, created_at, id) where refused_at is null;

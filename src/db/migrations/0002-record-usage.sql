-- Records cumulative counters: a counter never shrinks, and what it grew by is added once to the user's ledger of the
-- period. Reports that come twice, late or in another order change nothing more.
--
-- p_reports: [{publishId, liveMs, ingestBytes, end, destinations: [{destinationId, egressMs, egressBytes}]}]
-- Answers one row for each publish that this agent has: what became of it (ended, reopened, null) among them.
--
-- Lock order: publishes by id, then ledgers by user. The lock is a statement of its own, so that each statement after
-- it (in READ COMMITTED) sees what the last holder committed. Usage of destinations hangs on the publish's lock.
create function record_usage(p_agent_id text, p_reports jsonb, p_period text, p_now timestamptz)
returns table (publish_id text, stream_revision bigint, drop_reason text, change text)
language plpgsql as $$
#variable_conflict use_column
begin
  perform 1 from publishes
   where id in (select r ->> 'publishId' from jsonb_array_elements(p_reports) r) and agent_id = p_agent_id
   order by id for update;

  with report as (
    select r ->> 'publishId' as id, max((r ->> 'liveMs')::bigint) as live_ms, max((r ->> 'ingestBytes')::bigint) as ingest_bytes
      from jsonb_array_elements(p_reports) r group by 1
  ), destination_report as (
    select r ->> 'publishId' as id, d ->> 'destinationId' as destination_id,
           max((d ->> 'egressMs')::bigint) as egress_ms, max((d ->> 'egressBytes')::bigint) as egress_bytes
      from jsonb_array_elements(p_reports) r, jsonb_array_elements(r -> 'destinations') d group by 1, 2
  ), grown as (
    select p.user_id, greatest(r.live_ms - p.live_ms, 0) as live_ms, greatest(r.ingest_bytes - p.ingest_bytes, 0) as ingest_bytes,
           0 as egress_ms, 0 as egress_bytes
      from report r join publishes p on p.id = r.id and p.agent_id = p_agent_id
    union all
    select p.user_id, 0, 0,
           greatest(r.egress_ms - coalesce(u.egress_ms, 0), 0), greatest(r.egress_bytes - coalesce(u.egress_bytes, 0), 0)
      from destination_report r join publishes p on p.id = r.id and p.agent_id = p_agent_id
      left join destination_usage u on u.publish_id = r.id and u.destination_id = r.destination_id
  )
  insert into usage_ledgers as l (user_id, period, live_ms, ingest_bytes, egress_ms, egress_bytes)
  select user_id, p_period, sum(live_ms), sum(ingest_bytes), sum(egress_ms), sum(egress_bytes)
    from grown group by user_id
  having sum(live_ms) > 0 or sum(ingest_bytes) > 0 or sum(egress_ms) > 0 or sum(egress_bytes) > 0
   order by user_id
  on conflict (user_id, period) do update set
    live_ms = l.live_ms + excluded.live_ms, ingest_bytes = l.ingest_bytes + excluded.ingest_bytes,
    egress_ms = l.egress_ms + excluded.egress_ms, egress_bytes = l.egress_bytes + excluded.egress_bytes;

  insert into destination_usage as u (publish_id, destination_id, egress_ms, egress_bytes)
  select p.id, d ->> 'destinationId', max(greatest((d ->> 'egressMs')::bigint, 0)), max(greatest((d ->> 'egressBytes')::bigint, 0))
    from jsonb_array_elements(p_reports) r
    join publishes p on p.id = r ->> 'publishId' and p.agent_id = p_agent_id,
         jsonb_array_elements(r -> 'destinations') d
   group by 1, 2 order by 1, 2
  on conflict (publish_id, destination_id) do update set
    egress_ms = greatest(u.egress_ms, excluded.egress_ms), egress_bytes = greatest(u.egress_bytes, excluded.egress_bytes);

  return query
  with report as (
    select r ->> 'publishId' as id, max((r ->> 'liveMs')::bigint) as live_ms, max((r ->> 'ingestBytes')::bigint) as ingest_bytes,
           max(r ->> 'end') as end_reason
      from jsonb_array_elements(p_reports) r group by 1
  ), before as (
    select p.id, p.stream_id, p.ended_at is null as was_open, p.end_reason = 'orphaned' and r.end_reason is null as reopens,
           r.live_ms, r.ingest_bytes, r.end_reason
      from publishes p join report r on r.id = p.id where p.agent_id = p_agent_id
  )
  update publishes p set
    live_ms = greatest(p.live_ms, b.live_ms),
    ingest_bytes = greatest(p.ingest_bytes, b.ingest_bytes),
    last_report_at = p_now,
    ended_at = case when b.reopens then null when b.end_reason is null then p.ended_at else coalesce(p.ended_at, p_now) end,
    end_reason = case when b.reopens then null else coalesce(p.end_reason, b.end_reason) end
    from before b join streams s on s.id = b.stream_id
   where p.id = b.id
  returning p.id, s.revision, p.drop_reason,
            case when b.reopens then 'reopened' when b.was_open and b.end_reason is not null then 'ended' end;
end $$;

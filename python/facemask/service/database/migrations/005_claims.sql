-- The worker that has claimed a job, by procrastinate's numbers. A claimed job has left the queue: its worker's
-- heartbeat shows whether the claim is alive.
alter table facemask_jobs add worker_id bigint;
delete from procrastinate_jobs where queue_name = 'facemask' and status <> 'todo';

-- The digest of the last request that led to the entry: a repeated request is answered without being decoded.
alter table facemask_cache add request bytea;
create index facemask_cache_request on facemask_cache (request) where request is not null;

-- Claims the next job for a worker and removes it from the queue. Of an erased job the row returned has no id.
-- A function, because each of its statements sees what was committed when it started: within one statement the queue
-- could show a job whose own row is not visible yet.
create function facemask_take(worker bigint) returns table (id uuid, attempt integer, age double precision)
language plpgsql as $$
declare
    next record;
begin
    select fetched.id as place, (fetched.args ->> 'job_id')::uuid as job into next
    from procrastinate_fetch_job_v2(array['facemask'], worker) fetched where fetched.id is not null;
    if not found then
        return;
    end if;
    perform procrastinate_finish_job_v1(next.place, 'succeeded', true);
    return query update facemask_jobs taken
        set status = 'processing', attempt = taken.attempt + 1, started_at = now(), worker_id = worker
        where taken.id = next.job and taken.queue_id = next.place and taken.status = 'pending'
        returning taken.id, taken.attempt, extract(epoch from clock_timestamp() - created_at)::double precision;
    if not found then
        return query select null::uuid, null::integer, null::double precision;
    end if;
end
$$;

-- The worker that has a job in its hands, as procrastinate numbers workers. A job that is begun has left the queue: its
-- worker's heartbeat says whether it is still in good hands.
alter table facemask_jobs add worker_id bigint;
delete from procrastinate_jobs where queue_name = 'facemask' and status <> 'todo';

-- The digest of the very bytes that were sent, the last that led to an answer: who sends them again need not have them
-- looked at.
alter table facemask_cache add request bytea;
create index facemask_cache_request on facemask_cache (request) where request is not null;

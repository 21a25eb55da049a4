"""SQL of the job repository.

What a response confirms must survive a server crash: those statements wait for the disk, others do not.
"""

from typing import Final

from facemask.service.cache.postgres import INSERT as _INSERT_CACHED

_SYNC_COMMIT = "(select set_config('synchronous_commit', 'on', true)) safely"
_INSERT_INPUT = f"""
insert into facemask_inputs (id, image, label_map, landmarks, about)
select id, %(image)b, %(label_map)b, %(landmarks)b, %(about)b from job, {_SYNC_COMMIT}
"""  # noqa: S608 - of constants
# A job for any worker. One that exists was stored by an earlier statement whose confirmation was lost: then nothing
# happens, and its claim or its row in the queue is found as others are.
INSERT: Final = f"""
with job as (
    insert into facemask_jobs (id, owner, key, key_digest, queue_id)
    values (%(id)s, %(owner)b, %(key)s, %(digest)b, facemask_enqueue(%(id)s)) on conflict (id) do nothing returning id
) {_INSERT_INPUT}
"""  # noqa: S608
# A job that its own process claims at once.
INSERT_CLAIMED: Final = f"""
with job as (
    insert into facemask_jobs (id, owner, key, key_digest, status, attempt, started_at, worker_id)
    values (%(id)s, %(owner)b, %(key)s, %(digest)b, 'processing', 1, now(), %(worker)s)
    on conflict (id) do nothing returning id
) {_INSERT_INPUT}
"""  # noqa: S608
# A job that the cache answers before it starts: a repeated request.
INSERT_FROM_CACHE: Final = f"""
with used as (
    update facemask_cache set used_at = now(), expires_at = now() + %(cache_ttl)s * interval '1 second'
    where request = %(request)b and used_at < now() - %(touch)s * interval '1 second' and expires_at > now()
), found as materialized (
    select digest, tail, etag, format from facemask_cache
    where request = %(request)b and expires_at > now() and length(tail) <= %(most)s limit 1
), job as (
    insert into facemask_jobs (id, owner, key, key_digest, status, started_at, finished_at, expires_at, size, etag,
        format, cache_digest)
    select %(id)s, %(owner)b, %(key)s, %(digest)b, 'completed', now(), now(), now() + %(ttl)s * interval '1 second',
        length(%(head)b) + length(tail), etag, format, digest from found
), kept as (
    insert into facemask_results (id, answer) select %(id)s, %(head)b || tail from found
)
select tail, etag, format, digest from found, {_SYNC_COMMIT}
"""  # noqa: S608
FIND_KEY: Final = """
select id, key_digest from facemask_jobs
where owner = %(owner)b and key = %(key)s and (expires_at is null or expires_at > now())
"""
DELETE_EXPIRED_KEY: Final = """
delete from facemask_jobs
where owner = %(owner)b and key = %(key)s and not (expires_at is null or expires_at > now())
"""
# Claims the next job and removes it from the queue; of an erased job the row has no id.
CLAIM_NEXT: Final = "select id::text, attempt, age from facemask_take(%(worker)s)"
LOAD_INPUT: Final = """
select image, label_map, landmarks, about, owner from facemask_inputs join facemask_jobs using (id) where id = %s
"""
_FINISH = """
with mine as (
    update facemask_jobs set status = %(status)s, finished_at = now(), size = %(size)s, etag = %(etag)s,
        format = %(format)s, cache_digest = %(cached)b, expires_at = now() + %(ttl)s * interval '1 second'
    where id = %(id)s and attempt = %(attempt)s and status = 'processing' returning id
), kept as (
    insert into facemask_results (id, answer, crop_image) select id, %(head)b || %(tail)b, %(crop_image)b from mine
), gone as (
    delete from facemask_inputs using mine where facemask_inputs.id = mine.id
)
"""
_NOTIFY = "select pg_notify('facemask_jobs', id::text), set_config('synchronous_commit', 'on', true) from mine"
FINISH: Final = _FINISH + _NOTIFY
FINISH_AND_CACHE: Final = f"{_FINISH}, cached as ({_INSERT_CACHED}) {_NOTIFY}"
_INSERT_FINISHED = f"""
with mine as (
    insert into facemask_jobs (id, owner, status, attempt, started_at, finished_at, expires_at, size, etag, format,
        cache_digest)
    select %(id)s, %(owner)b, %(status)s, 1, now(), now(), now() + %(ttl)s * interval '1 second', %(size)s, %(etag)s,
        %(format)s, %(cached)b from {_SYNC_COMMIT}
    on conflict (id) do nothing returning id
), kept as (
    insert into facemask_results (id, answer, crop_image) select id, %(head)b || %(tail)b, %(crop_image)b from mine
)
"""  # noqa: S608
# A job that no client knew before its end. Only its own process waits for it, so there is no notification.
INSERT_FINISHED: Final = f"{_INSERT_FINISHED} select from mine"
INSERT_FINISHED_AND_CACHE: Final = f"{_INSERT_FINISHED}, cached as ({_INSERT_CACHED}) select from mine"
RELEASE: Final = """
update facemask_jobs set status = 'pending', released = released + 1, worker_id = null, queue_id = facemask_enqueue(id)
where id = %s and attempt = %s and status = 'processing' returning id
"""
REGISTER: Final = """
select procrastinate_register_worker_v1(), (select count(*) from procrastinate_prune_stalled_workers_v1(%s))
"""
# Claims older than a statement may take: their worker has had the confirmation, or never gets it.
HEARTBEAT: Final = """
select procrastinate_update_heartbeat_v1(worker.id), array_remove(array_agg(job.id::text), null),
    array_remove(array_agg(job.attempt), null),
    array_remove(array_agg(extract(epoch from now() - created_at)::float8), null)
from procrastinate_workers worker left join facemask_jobs job on worker_id = worker.id and status = 'processing'
    and finished_at is null and started_at < now() - interval '6 seconds'
where worker.id = %s group by worker.id
"""
UNREGISTER: Final = "select procrastinate_unregister_worker_v1(%s)"
# The owner is null where jobs are visible to every client.
_IS_VISIBLE = "id = %(id)s and (expires_at is null or expires_at > now()) and owner = coalesce(%(owner)b, owner)"
GET: Final = f"""
select status, etag, format, answer, crop_image from facemask_jobs left join facemask_results using (id)
where {_IS_VISIBLE}
"""  # noqa: S608
# A claim locks the queue's row before the job's, here it is the other way round: a locked queue row is skipped. The
# claim will find no job.
DELETE: Final = f"""
with gone as (
    delete from facemask_jobs where {_IS_VISIBLE}
    returning id, queue_id, cache_digest
), unqueued as (
    delete from procrastinate_jobs where id in (
        select place.id from procrastinate_jobs place join gone on place.id = queue_id where place.status = 'todo'
        for update of place skip locked
    )
)
select cache_digest, pg_notify('facemask_jobs', id::text), set_config('synchronous_commit', 'on', true) from gone
"""  # noqa: S608
# A separate statement sees what was committed while the first one waited for the row: the job may just have ended, and
# its response be new in the cache.
DELETE_CACHED: Final = "delete from facemask_cache where digest = %s"
COUNT_JOBS: Final = """
select count(*) filter (where status = 'pending'), count(*) filter (where status = 'processing'),
    count(*) filter (where finished_at is not null), coalesce(sum(size), 0)::int8
from facemask_jobs where (expires_at is null or expires_at > now())
"""
# Also `on` where the server is a standby.
READ_ONLY: Final = "select current_setting('transaction_read_only')"
COUNT_PENDING: Final = "select count(*) from facemask_jobs where finished_at is null and status = 'pending'"
FIND_ENDED: Final = """
select id::text from unnest(%s::uuid[]) as asked (id) left join facemask_jobs using (id)
where status is null or finished_at is not null or not (expires_at is null or expires_at > now())
"""

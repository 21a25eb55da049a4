-- Enqueues a job in procrastinate and returns the queue's id, so that one statement stores and queues a job.
create function facemask_enqueue(job_id uuid) returns bigint language sql as $$
    select (procrastinate_defer_jobs_v1(array[row(
        'facemask', 'facemask.trace', 0, null, null, jsonb_build_object('job_id', job_id), null
    )]::procrastinate_job_to_defer_v1[]))[1]
$$;

-- One row per job. `attempt` counts claims and fences writes: a worker may write only under its own claim.
-- `released` counts claims that a stopping worker released; they do not count as lost.
create table facemask_jobs (
    id uuid primary key,
    status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),
    attempt integer not null default 0,
    released integer not null default 0,
    owner bytea not null default '',
    key text,
    key_digest bytea,
    queue_id bigint,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz,
    size bigint not null default 0,
    etag text not null default '',
    format text not null default 'svg'
) with (fillfactor = 80);

create unique index facemask_jobs_key on facemask_jobs (key) where key is not null;
create index facemask_jobs_unfinished on facemask_jobs (created_at) where finished_at is null;
create index facemask_jobs_expiry on facemask_jobs (expires_at) where expires_at is not null;

-- Bytes are in tables of their own, uncompressed: pictures are compressed already, and results are read more often
-- than written.
create table facemask_inputs (
    id uuid primary key references facemask_jobs on delete cascade,
    image bytea not null,
    label_map bytea not null,
    landmarks bytea,
    about bytea not null
);
alter table facemask_inputs alter image set storage external, alter label_map set storage external,
    alter landmarks set storage external;

create table facemask_results (
    id uuid primary key references facemask_jobs on delete cascade,
    answer bytea not null,
    svg bytea not null
);
alter table facemask_results alter answer set storage external, alter svg set storage external;

-- Responses by the digest of their input; those that similar photos may find also have their hash in four bands.
create table facemask_cache (
    digest bytea primary key,
    tail bytea not null,
    svg bytea not null,
    etag text not null,
    format text not null,
    size bigint not null,
    used_at timestamptz not null default now(),
    expires_at timestamptz not null,
    scope uuid,
    phash bigint,
    band_0 integer,
    band_1 integer,
    band_2 integer,
    band_3 integer,
    signature bytea,
    points bytea,
    runs bytea
);
alter table facemask_cache alter tail set storage external, alter svg set storage external,
    alter points set storage external, alter runs set storage external;

create index facemask_cache_band_0 on facemask_cache (scope, band_0) where scope is not null;
create index facemask_cache_band_1 on facemask_cache (scope, band_1) where scope is not null;
create index facemask_cache_band_2 on facemask_cache (scope, band_2) where scope is not null;
create index facemask_cache_band_3 on facemask_cache (scope, band_3) where scope is not null;
create index facemask_cache_used on facemask_cache (used_at);
create index facemask_cache_expiry on facemask_cache (expires_at);

-- The cache entry that a job used or inserted; erasing the job deletes it.
alter table facemask_jobs add cache_digest bytea;

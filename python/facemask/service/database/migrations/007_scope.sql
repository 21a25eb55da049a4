-- Similar inputs find an entry by its scope, the digest of everything that the result depends on; maps and landmarks
-- are compared no longer. Digests are computed differently, so existing entries could not be found again.
-- Processes of the previous version use these columns: stop them first.
truncate facemask_cache;
alter table facemask_cache drop column band_0, drop column band_1, drop column band_2, drop column band_3,
    drop column signature, drop column points, drop column runs;
create index facemask_cache_scope on facemask_cache (scope, phash) where scope is not null;

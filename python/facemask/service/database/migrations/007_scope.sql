-- Other inputs find an answer by its scope, the digest of all that the answer depends on. Maps and landmarks are not
-- compared any more. Digests are made otherwise than before, so answers that are there would not be found again.
-- Processes of the version before ask for these columns: stop them first.
truncate facemask_cache;
alter table facemask_cache drop column band_0, drop column band_1, drop column band_2, drop column band_3,
    drop column signature, drop column points, drop column runs;
create index facemask_cache_scope on facemask_cache (scope, phash) where scope is not null;

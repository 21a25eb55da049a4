-- Idempotency-Keys are unique per owner: two owners may use the same one.
drop index facemask_jobs_key;
create unique index facemask_jobs_key on facemask_jobs (owner, key) where key is not null;

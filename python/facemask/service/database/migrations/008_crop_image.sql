-- The upright crop of a job that asked for it, a JPEG file. It is erased with the rest of the job's result.
alter table facemask_results add crop_image bytea;
alter table facemask_results alter crop_image set storage external;

-- A response body contains its SVG as base64; it is decoded when requested.
-- Processes of the previous version use these columns: stop them first.
alter table facemask_results drop column svg;
alter table facemask_cache drop column svg;

-- An answer has its SVG in it, as base64; it is decoded when it is asked for.
-- Processes of the version before ask for these columns: stop them first.
alter table facemask_results drop column svg;
alter table facemask_cache drop column svg;

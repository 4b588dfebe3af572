-- Which tables a run was made or rebuilt with: where they are not this release's, the run is rebuilt before it works on.

alter table fourleaf.run add column tables text not null default '';
comment on column fourleaf.run.tables is 'Hash of the SQL of its cache tables and of what it keeps besides.';

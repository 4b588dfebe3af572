-- How a run stood before its rebuild began, for a rebuild that is killed cannot say so itself.

alter table fourleaf.run add column state_before text;
comment on column fourleaf.run.state_before is 'Set while the run is being rebuilt';

-- What the world outside of a rehearsal last told of its backlog; the worker slows the run's clock by it.

alter table fourleaf.run_clock
  add column waiting_s double precision check (waiting_s >= 0),
  add column told_at timestamptz;
comment on column fourleaf.run_clock.waiting_s is 'Wall seconds the oldest thing due had waited; null: nobody tells.';

-- The shared part: the log, the runs and their clocks. Everything else of a run lives in the run's own schema.

create schema if not exists fourleaf;

create table fourleaf.cluster (
  only_row boolean primary key default true check (only_row),
  epoch integer not null
);
comment on table fourleaf.cluster is 'A restore opens a new epoch: positions of older epochs count as committed.';
insert into fourleaf.cluster (epoch) values (1);

create table fourleaf.run (
  run text primary key check (run ~ '^[a-z0-9][a-z0-9-]{0,30}(\.r[0-9]{1,5})?$'),
  edition text not null,
  kind text not null check (kind in ('live', 'rehearsal')),
  state text not null check (state in ('loading', 'running', 'paused', 'finished', 'rebuilding')),
  seed bigint,
  sample_ppm integer not null default 1000000 check (sample_ppm between 1 and 1000000),
  day date,
  zone text not null default 'Asia/Shanghai',
  created_at timestamptz not null default clock_timestamp()
);

create table fourleaf.run_clock (
  run text primary key references fourleaf.run on delete cascade,
  edition_at timestamptz not null,
  wall_at timestamptz not null,
  speed double precision not null check (speed >= 0),
  wanted double precision not null check (wanted >= 0),
  ends_at timestamptz,
  reached double precision not null default 0,
  lag_s double precision not null default 0
);
comment on table fourleaf.run_clock is 'The worker re-anchors it every second, and says how far behind its tail is. Live runs keep a row for the latter.';

create table fourleaf.device_token (
  run text not null references fourleaf.run on delete cascade,
  device text not null,
  hash bytea not null,
  primary key (run, device)
);
create unique index device_token_hash on fourleaf.device_token (run, hash);

create sequence fourleaf.log_seq as bigint;

-- One row a fact, append only, one partition a run. A position is (epoch, txid, seq), compared as numbers.
create table fourleaf.log (
  run text not null,
  epoch integer not null,
  txid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('fourleaf.log_seq'),
  stream text not null,
  version bigint not null check (version > 0),
  kind text not null,
  schema integer not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  written_at timestamptz not null default clock_timestamp(),
  actor text not null,
  agency text not null,
  cause text,
  labels text[] not null check (cardinality(labels) > 0),
  body jsonb not null,
  hash bytea not null,
  constraint log_stream_version primary key (run, stream, version)
) partition by list (run);
create index log_position on fourleaf.log (run, epoch, txid, seq);
create index log_kind on fourleaf.log (run, kind, occurred_at);

create function fourleaf.append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the log is append only' using errcode = 'restrict_violation';
end $$;
create trigger log_append_only before update or delete on fourleaf.log
  for each row execute function fourleaf.append_only();

-- Venues by hash: the body that browsers and rehearsals are given, compressed.
create table fourleaf.venue (
  hash text primary key,
  body_gzip bytea not null
);

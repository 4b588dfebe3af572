-- What every run keeps for itself besides the caches of its engines. Created in the run's own schema.

create table request (
  actor text not null,
  request_id text not null,
  input_hash bytea not null,
  answer jsonb not null,
  written_at timestamptz not null default clock_timestamp(),
  constraint request_once primary key (actor, request_id)
);

create table reader_position (
  reader text primary key,
  epoch integer not null,
  txid xid8 not null,
  seq bigint not null
);

create sequence picture_seq as bigint;
create table picture_change (
  epoch integer not null,
  txid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('picture_seq') primary key,
  layer text not null,
  thing text not null,
  place text not null,
  props jsonb,
  labels text[] not null,
  stale_at timestamptz,
  shown_from timestamptz not null,
  shown_to timestamptz,
  log_position text not null,
  mark jsonb
);
comment on column picture_change.props is 'null: the thing is gone';
comment on column picture_change.mark is 'What the line of time says of this change; null: nothing.';
alter sequence picture_seq owned by picture_change.seq;
create unique index picture_now on picture_change (layer, thing) where shown_to is null;
create index picture_instant on picture_change using gist (tstzrange(shown_from, shown_to));
create index picture_since on picture_change (epoch, seq);
create index picture_from on picture_change (shown_from);
create index picture_marks on picture_change (shown_from) where mark is not null;

create table seal (
  no integer primary key,
  epoch integer not null,
  txid xid8 not null,
  seq bigint not null,
  facts integer not null,
  marks bytea not null,
  head bytea not null,
  sealed_at timestamptz not null default clock_timestamp()
);

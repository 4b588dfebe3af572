-- Readings are not facts: counts per door and minute, kept by day, never rebuilt from the log.
create table reading (
  minute timestamptz not null,
  door text not null,
  n_in integer not null check (n_in between 0 and 100000),
  n_out integer not null check (n_out between 0 and 100000),
  sequence bigint not null,
  received_at timestamptz not null default clock_timestamp(),
  primary key (minute, door)
) partition by range (minute);
create table reading_other partition of reading default;

-- Kept beside the readings by the statement that adds them: what a hall gained or lost in a minute, and
-- how far each door has told.
create table reading_hall_minute (
  hall text not null,
  minute timestamptz not null,
  change integer not null,
  primary key (hall, minute)
);
create table reading_door (
  door text primary key,
  hall text not null,
  last timestamptz not null
);

-- The minutes of a hall summed so far, so that nobody sums the whole day at each look: all from `since` up to `last` are in it, and none
-- lies before `first`. What comes late takes the row away; a hall without one is summed anew.
create table reading_hall (
  hall text primary key,
  since timestamptz not null,
  first timestamptz not null,
  last timestamptz not null,
  occupancy integer not null,
  peak integer not null
) with (fillfactor = 50);

-- Readings of all other devices and of feeds: one row a value. Parted by the day of the reading's own time in the zone of the
-- run, so that a day is dropped whole. A source tells a sequence number once a day: what it repeats is not kept again.
create table measure (
  day date not null,
  source text collate "C" not null,
  thing text collate "C" not null,
  quantity text collate "C" not null,
  at timestamptz not null,
  value double precision not null,
  sequence bigint not null,
  received_at timestamptz not null,
  primary key (day, source, sequence, quantity, thing)
) partition by range (day);
comment on column measure.source is 'A device, as lane:N1-3, or a feed, as feed:metro';

-- Values beyond the first step of a declared level, until the worker has looked: few, so that readings are not written twice.
create table level_due (
  source text collate "C" not null,
  thing text collate "C" not null,
  quantity text collate "C" not null,
  marks bigint not null,
  primary key (source, thing, quantity)
);

-- The newest word of each device. Written again and again: there is room in each page for the next version.
create table device_heard (
  device text collate "C" primary key,
  last timestamptz not null,
  received_at timestamptz not null,
  sequence bigint not null,
  battery smallint,
  kept bigint not null,
  doubled bigint not null
) with (fillfactor = 50);
comment on column device_heard.received_at is 'Wall time';

-- What was refused of a device. count: since it was last recorded as a fact.
create table device_refusal (
  device text not null,
  reason text not null,
  about text not null,
  count bigint not null,
  total bigint not null,
  told_at timestamptz,
  primary key (device, reason)
);
comment on column device_refusal.told_at is 'Wall time of the last fact';

-- One-time codes, hashed. Secrets stand beside the tokens of the run.
create table device_code (
  device text primary key,
  hash bytea not null,
  expires_at timestamptz not null
);
comment on column device_code.expires_at is 'Wall time';

-- What is known of the deliveries of a feed. since, last_at, tried_at: edition time; due_at: wall time of the next pull.
create table feed_heard (
  feed text primary key,
  since timestamptz not null,
  last_at timestamptz,
  tried_at timestamptz,
  failed text not null default '',
  about text not null default '',
  findings jsonb not null default '[]',
  counter bigint not null default 0,
  etag text not null default '',
  modified text not null default '',
  due_at timestamptz not null default '-infinity',
  failures integer not null default 0
);
comment on column feed_heard.counter is 'Of the last signed file that was taken';

-- The newest value of each thing of a feed, and since when it is the same.
create table feed_value (
  feed text not null,
  thing text not null,
  quantity text collate "C" not null,
  at timestamptz not null,
  value double precision not null,
  same_since timestamptz not null,
  primary key (feed, thing, quantity)
);

-- The last deliveries, as the desk shows them. problems: row, column, code, value.
create table feed_delivery (
  id bigint generated always as identity primary key,
  feed text not null,
  way text not null,
  name text not null,
  received_at timestamptz not null,
  written_at timestamptz not null default clock_timestamp(),
  digest bytea not null,
  bytes integer not null,
  rows integer not null,
  kept integer not null,
  doubled integer not null,
  refused integer not null,
  verdict text not null check (verdict in ('taken', 'partly', 'repeated', 'refused')),
  code text not null,
  about text not null,
  findings jsonb not null,
  problems jsonb not null
);
create unique index feed_delivery_once on feed_delivery (feed, digest) where verdict in ('taken', 'partly');
create index feed_delivery_newest on feed_delivery (feed, id desc);

create table sensing_hall_level (
  hall text primary key,
  version bigint not null,
  level text not null check (level in ('calm', 'watch', 'alert')),
  since timestamptz
);

create table sensing_door_voice (
  door text primary key,
  version bigint not null,
  hall text not null,
  silent_since timestamptz
);

create table sensing_hall (
  hall text primary key,
  thresholds integer[] not null,
  present boolean not null
);

create table sensing_door (
  door text primary key,
  hall text not null,
  present boolean not null
);

create table sensing_device (
  device text primary key,
  version bigint not null,
  device_type text not null,
  thing text not null,
  name_zh text not null,
  name_en text not null,
  place jsonb not null,
  listed_at timestamptz,
  enrolled_at timestamptz,
  revoked_at timestamptz,
  revoked_why text not null,
  silent_since timestamptz,
  test_asked_at timestamptz,
  tested_at timestamptz,
  test_passed boolean,
  test_note text not null,
  refused bigint not null,
  refused_at timestamptz,
  refused_why text not null,
  refused_about text not null
);

create table sensing_level (
  name text primary key,
  version bigint not null,
  level text not null,
  source text not null,
  thing text not null,
  quantity text not null,
  state text not null,
  value text not null,
  threshold text not null,
  since timestamptz,
  at timestamptz,
  was text not null
);

create table sensing_feed (
  feed text primary key,
  version bigint not null,
  state text not null,
  reason text not null,
  count bigint not null,
  about text not null,
  since timestamptz,
  token_at timestamptz,
  sent_at timestamptz,
  sent_by text not null
);

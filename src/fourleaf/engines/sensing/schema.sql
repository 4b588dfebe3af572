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

create table admission_presence (
  holder text primary key,
  version bigint not null,
  inside boolean not null,
  entries integer not null check (entries >= 0),
  last_lane text not null,
  last_at timestamptz,
  day date
) with (fillfactor = 70); -- room for the next passage of the same holder on the same page

create table admission_lane_minute (
  minute timestamptz not null,
  lane text not null,
  gate text not null,
  entries integer not null,
  exits integer not null,
  turned_away integer not null,
  primary key (minute, lane)
);

create table admission_day (
  day date primary key,
  entries integer not null,
  exits integer not null,
  turned_away integer not null,
  peak_inside integer not null,
  peak_at timestamptz,
  last_at timestamptz
);

create table admission_lane (
  lane text primary key,
  gate text not null,
  entrance text not null,
  present boolean not null
);

create table admission_published (
  edition text primary key,
  value bigint,
  unit text not null,
  bound text not null,
  as_of timestamptz,
  source text not null,
  quote text not null
);

create table admission_shut (
  thing text primary key,
  closed boolean not null
);

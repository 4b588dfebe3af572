create table admission_presence (
  holder text primary key,
  version bigint not null,
  inside boolean not null,
  entries integer not null check (entries >= 0),
  day date,
  days date[] not null,
  entered_at timestamptz,
  last jsonb
) with (fillfactor = 70); -- room for the next passage of the same holder on the same page

create table admission_double (
  holder text not null,
  second text not null,
  day date not null,
  one jsonb not null,
  other jsonb not null,
  primary key (holder, second)
);

create table admission_unread (
  lane text primary key,
  version bigint not null
) with (fillfactor = 70);

create table admission_index (
  index bigint primary key,
  credential text not null,
  status text not null,
  carrier text not null
);
create index on admission_index (credential);

create table admission_credential (
  credential text primary key,
  holder text not null,
  type text not null
);

create table admission_key (
  kid text primary key,
  version bigint not null,
  x text not null,
  y text not null,
  opens_at timestamptz,
  closes_at timestamptz
);

create table admission_lane_minute (
  minute timestamptz not null,
  lane text not null,
  category integer not null,
  gate text not null,
  entries integer not null,
  exits integer not null,
  turned_away integer not null,
  primary key (minute, lane, category)
);

create table admission_day (
  day date primary key,
  entries integer not null,
  exits integer not null,
  persons integer not null,
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

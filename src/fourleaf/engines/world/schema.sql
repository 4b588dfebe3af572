create table world_thing (
  thing text primary key,
  version bigint not null,
  closed boolean not null,
  closed_at timestamptz,
  until timestamptz,
  reason_zh text not null,
  reason_en text not null,
  level text,
  lon text not null,
  lat text not null
);

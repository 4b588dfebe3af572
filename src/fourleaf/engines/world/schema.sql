create table world_thing (
  thing text primary key,
  version bigint not null,
  closed boolean not null,
  closed_at timestamptz,
  until timestamptz,
  reason_zh text not null,
  reason_en text not null,
  protected text not null,
  level text,
  lon text not null,
  lat text not null
);

create table world_item (
  thing text primary key,
  version bigint not null,
  register text not null,
  item text not null,
  present boolean not null,
  words text not null,
  claims text[] not null,
  fields jsonb not null,
  said jsonb,
  changed_at timestamptz
);
-- A page of a register in the order of its ids, and the number of its things, without a look at the table.
create index world_item_page on world_item (register, item) where present;
-- What a filter asks for by name: a hall, a kind, a yes or no.
create index world_item_fields on world_item using gin (fields jsonb_path_ops) where present;

create table world_claim (
  thing text not null,
  field text not null,
  register text not null,
  value text not null,
  primary key (thing, field),
  constraint world_claim_once unique (register, field, value)
);

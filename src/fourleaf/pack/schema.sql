create table declared (
  kind text not null,
  key_name text not null,
  version bigint not null,
  value jsonb,
  primary key (kind, key_name)
);

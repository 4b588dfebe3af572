-- Personal data by reference: facts hold ids; what an id stands for lies here, encrypted with one key a person.

create table fourleaf.vault_person (
  run text not null references fourleaf.run on delete cascade,
  person text not null check (person ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$'),
  created_at timestamptz not null default clock_timestamp(),
  erased_at timestamptz,
  primary key (run, person)
);
comment on column fourleaf.vault_person.erased_at is 'The row of an erased person stays, so that neither a late write nor an older key brings the person back.';

create table fourleaf.vault_value (
  run text not null,
  person text not null,
  field text not null,
  sealed bytea not null,
  written_at timestamptz not null default clock_timestamp(),
  primary key (run, person, field),
  foreign key (run, person) references fourleaf.vault_person on delete cascade
);

-- The ordinary backup leaves the rows of this schema out: an erasure survives the restore of an older backup.
create schema fourleaf_keys;

create table fourleaf_keys.master (
  only_row boolean primary key default true check (only_row),
  id bytea not null
);
comment on table fourleaf_keys.master is 'Under which master key new keys are wrapped. The master key itself is a file.';

create table fourleaf_keys.person_key (
  run text not null,
  person text not null,
  master bytea not null,
  wrapped bytea not null,
  primary key (run, person),
  foreign key (run, person) references fourleaf.vault_person on delete cascade
);
create index person_key_master on fourleaf_keys.person_key (master);

create table fourleaf_keys.index_root (
  run text primary key references fourleaf.run on delete cascade,
  master bytea not null,
  wrapped bytea not null
);

create table fourleaf_keys.blind_index (
  run text not null,
  person text not null,
  field text not null,
  kind text not null,
  mark bytea not null,
  primary key (run, person, field),
  foreign key (run, person) references fourleaf_keys.person_key on delete cascade
);
create index blind_index_mark on fourleaf_keys.blind_index (run, kind, mark);

-- Files: their bytes lie in the data folder, addressed by content; what is known of them stands here.

create table fourleaf.blob (
  run text not null references fourleaf.run on delete cascade,
  blob text not null check (blob ~ '^[0-9a-f]{32}([0-9a-f]{32})?$'),
  media text not null,
  size bigint not null check (size >= 0),
  stored bytea not null,
  person text,
  labels text[] not null check (cardinality(labels) > 0),
  kept_at timestamptz not null default clock_timestamp(),
  primary key (run, blob),
  check ((person is null) = (length(blob) = 64))
);
comment on column fourleaf.blob.blob is 'sha256 of the bytes; of a person''s file a random id, for equal photos must not look equal.';
comment on column fourleaf.blob.stored is 'sha256 of the bytes as they lie in the folder.';
create index blob_person on fourleaf.blob (run, person) where person is not null;

-- What the worker of a run looks at again and again, where a look ever fell: one row a watch, written when it falls and when it goes again.

create table fourleaf.watch (
  run text not null references fourleaf.run on delete cascade,
  watch text not null,
  falls bigint not null check (falls > 0),
  fallen_at timestamptz,
  error text not null,
  primary key (run, watch)
);
comment on column fourleaf.watch.falls is 'Since the run was made';
comment on column fourleaf.watch.fallen_at is 'Wall time of the first fall in a row; null: it goes again';
comment on column fourleaf.watch.error is 'Of the last fall';

-- Marks on the line of time, and an index for the changes of a stretch of it. Pictures are kept over a rebuild, so their tables are changed here.

do $$
declare name text;
begin
  for name in select nspname from pg_namespace join fourleaf.run on nspname = run loop
    execute format('alter table %I.picture_change add column mark jsonb', name);
    execute format('create index picture_from on %I.picture_change (shown_from)', name);
    execute format('create index picture_marks on %I.picture_change (shown_from) where mark is not null', name);
  end loop;
end $$;

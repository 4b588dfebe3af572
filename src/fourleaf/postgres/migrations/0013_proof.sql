-- When the owner of a session last proved that it is still he: what gives out credentials asks for that within minutes.

alter table fourleaf.session add column proved_at timestamptz;
comment on column fourleaf.session.proved_at is 'Wall time; null: never, as of a session that a card began.';

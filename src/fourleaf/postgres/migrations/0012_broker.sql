-- What the worker last saw of the broker that devices speak to by MQTT: one row, told every second.

create table fourleaf.broker (
  one boolean primary key default true check (one),
  told_at timestamptz not null,
  connected integer not null check (connected >= 0),
  waiting bigint not null check (waiting >= 0),
  taken jsonb not null
);
comment on column fourleaf.broker.told_at is 'Wall time';
comment on column fourleaf.broker.connected is 'Devices that are connected';
comment on column fourleaf.broker.waiting is 'Messages that the broker holds for us';
comment on column fourleaf.broker.taken is 'What became of messages since the worker started, by outcome and reason';

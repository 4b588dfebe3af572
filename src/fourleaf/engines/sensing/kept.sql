-- Readings are not facts: counts per door and minute, kept by day, never rebuilt from the log.
create table reading (
  minute timestamptz not null,
  door text not null,
  n_in integer not null check (n_in between 0 and 100000),
  n_out integer not null check (n_out between 0 and 100000),
  sequence bigint not null,
  received_at timestamptz not null default clock_timestamp(),
  primary key (minute, door)
) partition by range (minute);
create table reading_other partition of reading default;

-- Kept beside the readings by the statement that adds them: what a hall gained or lost in a minute, and
-- how far each door has told.
create table reading_hall_minute (
  hall text not null,
  minute timestamptz not null,
  change integer not null,
  primary key (hall, minute)
);
create table reading_door (
  door text primary key,
  hall text not null,
  last timestamptz not null
);


-- Numbers that are given once and never again, whatever is rebuilt: of holders, of credentials, of places in the status list.
create table credentials_number (
  holder bigserial,
  credential bigserial,
  place bigserial
);

-- What the outside system of background checks is to be asked again, and when. Wall time.
create table credentials_check (
  credential text primary key,
  due timestamptz not null default clock_timestamp(),
  failures integer not null default 0
);

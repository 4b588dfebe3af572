create table people_account (
  account text primary key,
  version bigint not null,
  is_open boolean not null,
  synthetic boolean not null,
  posts text[] not null,
  codes boolean not null,
  card boolean not null,
  opened_at timestamptz,
  closed_at timestamptz,
  signed_in_at timestamptz,
  locked_until timestamptz,
  password_at timestamptz
);

create table people_role (
  role text primary key,
  present boolean not null,
  name jsonb not null,
  labels text[] not null,
  may text[] not null,
  in_group boolean not null,
  totp boolean not null,
  card boolean not null,
  claims text[] not null
);

-- Sign-in: what opens an account. Secrets are no facts; which accounts there are and what they may do stands in the log
-- of the edition's live run.

create table fourleaf.login (
  run text not null references fourleaf.run on delete cascade,
  account text not null check (account ~ '^[a-z0-9]{8,32}$'),
  name text not null check (name ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
  password text,
  temporary boolean not null default false,
  totp bytea,
  totp_step bigint not null default 0,
  card bytea,
  constraint login_account primary key (run, account),
  constraint login_name unique (run, name)
);
create unique index login_card on fourleaf.login (card);
comment on column fourleaf.login.password is 'Argon2id, encoded with its cost and salt; null: no sign-in by password.';
comment on column fourleaf.login.temporary is 'The office chose the password and has seen it.';
comment on column fourleaf.login.totp is 'The secret of one-time codes, encrypted with a key that lies in the data folder.';
comment on column fourleaf.login.totp_step is 'The last step whose code was used: none is taken twice.';
comment on column fourleaf.login.card is 'sha256 of 256 random bits printed on a card.';

create table fourleaf.identity (
  run text not null,
  issuer text not null,
  subject text not null,
  account text not null,
  primary key (run, issuer, subject),
  foreign key (run, account) references fourleaf.login on delete cascade
);
comment on table fourleaf.identity is 'Accounts of other sign-in services, by issuer and subject.';

create table fourleaf.session (
  id text primary key,
  hash bytea not null unique,
  run text not null,
  account text not null,
  method text not null,
  about text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  ends_at timestamptz not null,
  revoked_at timestamptz,
  foreign key (run, account) references fourleaf.login on delete cascade
);
create index session_account on fourleaf.session (run, account);
comment on column fourleaf.session.hash is 'sha256 of the 256 random bits in the cookie.';

create table fourleaf.attempt (
  key bytea primary key,
  failures integer not null,
  last_at timestamptz not null,
  until timestamptz not null
);
comment on table fourleaf.attempt is 'Failed sign-ins by hashed account name or address: the more there were, the longer the pause.';

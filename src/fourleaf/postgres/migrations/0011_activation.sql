-- Codes with which the owners of accounts choose their first password.

alter table fourleaf.login add column activation bytea, add column activation_until timestamptz,
  add constraint login_activation check ((activation is null) = (activation_until is null));
create unique index login_activation_code on fourleaf.login (activation);
comment on column fourleaf.login.activation is 'sha256 of the code; it is printed once and kept nowhere.';


create table credentials_credential (
  credential text primary key,
  version bigint not null,
  holder text not null,
  type text not null,
  organization text not null,
  status text not null,
  slot integer not null,
  ever boolean not null,
  counts boolean not null,
  documents text[] not null,
  files jsonb not null,
  stage text not null,
  stage_kind text not null,
  decides text not null,
  four_eyes boolean not null,
  since timestamptz,
  due_at timestamptz,
  proposed_by text not null,
  proposed_outcome text not null,
  proposed_reason text not null,
  decided_by text not null,
  rejected_by text[] not null,
  reason text not null,
  answer text not null,
  appealed boolean not null,
  by_two boolean not null,
  index bigint constraint credentials_index_once unique,
  issues integer not null,
  carrier text not null,
  earlier text constraint credentials_earlier_once unique,
  valid_from timestamptz,
  valid_until timestamptz,
  applied_at timestamptz,
  applied_by text not null,
  issued_at timestamptz,
  issued_by text not null,
  changed_at timestamptz
);
-- Nobody has more of one category than there are places.
create unique index credentials_place on credentials_credential (holder, type, slot) where counts;
-- How many an organization has.
create index credentials_quota on credentials_credential (organization, type) where counts;
-- The queues, the oldest promise first.
create index credentials_queue on credentials_credential (status, stage_kind, due_at, credential)
  where status in ('vetting', 'returned', 'appealed', 'approved');
-- What one person issued lately.
create index credentials_issuer on credentials_credential (issued_by, issued_at) where issued_at is not null;
create index credentials_until on credentials_credential (valid_until) where status in ('issued', 'suspended');

create table credentials_index (
  index bigint primary key,
  credential text not null,
  state text not null,
  changed_at timestamptz
);

create table credentials_waited (
  stage text not null,
  minutes integer not null,
  n integer not null,
  primary key (stage, minutes)
);

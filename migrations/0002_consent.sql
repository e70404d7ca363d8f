-- Consent, the named case, and the link between a thread and a case. What the law asks for is held here, by the database: no link is open without a live consent that
-- covers the case, the receiving unit and the moment, whoever writes the row and however. docs/consent.md draws it.

-- The moment: the later of the database's clock and the latest moment that was ever acted upon. A clock set back reopens nothing.
create table clock_mark (
    one bigint primary key check (one = 1),
    at bigint not null
);
insert into clock_mark (one, at) values (1, 0);

-- only sqlite
create view moment as
    select max((select at from clock_mark), cast(unixepoch('now', 'subsec') * 1000000 as integer)) as at;
-- end
-- only postgres
create view moment as
    select greatest((select at from clock_mark), (extract(epoch from clock_timestamp()) * 1000000)::bigint) as at;
-- end

-- A named case of one unit. Its key seals everything about it: identities, consents, givers, messages.
create table case_file (
    id bytea primary key,
    authority_id bytea not null references authority (id),
    unit_id bytea not null references unit (id),
    wrapped_key bytea not null,
    sealed bytea not null,
    state text not null check (state in ('open', 'closed')),
    created_by bytea not null references person (id),
    created_at bigint not null,
    closed_at bigint,
    check ((state = 'closed') = (closed_at is not null))
);
create index case_file_unit on case_file (unit_id, state);

-- The people whom the facts of a case are about. `lookup` is a keyed hash, one key per authority. `guardians`: how many must agree for a minor; 0 for an adult.
create table case_subject (
    id bytea primary key,
    case_file_id bytea not null references case_file (id),
    n bigint not null,
    guardians bigint not null check (guardians between 0 and 4),
    lookup bytea not null,
    sealed bytea not null,
    unique (case_file_id, n),
    unique (case_file_id, lookup)
);
create index case_subject_lookup on case_subject (lookup);

-- Who has the case as a task, and for which unit: nobody for two.
create table case_task (
    case_file_id bytea not null references case_file (id),
    person_id bytea not null references person (id),
    unit_id bytea not null references unit (id),
    given_by bytea not null references person (id),
    at bigint not null,
    primary key (case_file_id, person_id)
);
create index case_task_person on case_task (person_id);

create table consent (
    id bytea primary key,
    case_file_id bytea not null references case_file (id),
    unit_id bytea not null references unit (id),
    state text not null check (state in ('draft', 'given', 'limited', 'revoked', 'expired', 'refused')),
    from_at bigint not null,
    until_at bigint not null,
    -- Whoever records it thinks that telling would seriously harm the child: then no guardian can give it.
    child_harm bigint not null check (child_harm in (0, 1)),
    sealed bytea not null,
    recorded_by bytea not null references person (id),
    recorded_at bigint not null,
    changed_at bigint not null,
    ended_at bigint,
    -- Bounded: never longer than a year and a day.
    check (until_at > from_at and until_at - from_at <= 31708800000000),
    check ((state in ('revoked', 'expired', 'refused')) = (ended_at is not null))
);
create index consent_case_file on consent (case_file_id);
create index consent_until on consent (state, until_at);

create table consent_category (
    consent_id bytea not null references consent (id),
    category text not null check (category in
        ('contact', 'family', 'health', 'disability', 'addiction', 'violence', 'housing', 'economy', 'school', 'work', 'support')),
    primary key (consent_id, category)
);

-- The units that may be told.
create table consent_unit (
    consent_id bytea not null references consent (id),
    unit_id bytea not null references unit (id),
    primary key (consent_id, unit_id)
);

-- Everybody whose yes is needed. One no, or one who takes it back, and there is no consent.
create table consent_giver (
    id bytea primary key,
    consent_id bytea not null references consent (id),
    subject_id bytea not null references case_subject (id),
    kind text not null check (kind in ('individual', 'guardian', 'representative')),
    state text not null check (state in ('asked', 'given', 'refused', 'withdrawn')),
    form text check (form in ('oral', 'written')),
    lookup bytea not null,
    sealed bytea not null,
    -- What was noted with the answer: evidence, witness.
    answer_sealed bytea,
    answered_by bytea references person (id),
    answered_at bigint,
    unique (consent_id, subject_id, lookup),
    check (state = 'asked' or answered_at is not null),
    check (state not in ('given', 'withdrawn') or (form is not null and answer_sealed is not null))
);
create index consent_giver_consent on consent_giver (consent_id);

-- The tie between a thread and a case, for one receiving unit, under one consent. `answer_consent_id` is the receiving unit's own, under which it may write.
create table case_link (
    id bytea primary key,
    thread_id bytea not null references thread (id),
    case_file_id bytea not null references case_file (id),
    consent_id bytea not null references consent (id),
    unit_id bytea not null references unit (id),
    answer_consent_id bytea references consent (id),
    state text not null check (state in ('open', 'closed')),
    last_seq bigint not null default 0,
    created_by bytea not null references person (id),
    created_at bigint not null,
    closed_at bigint,
    check ((state = 'closed') = (closed_at is not null))
);
create unique index case_link_open on case_link (thread_id, case_file_id, unit_id) where state = 'open';
create index case_link_consent on case_link (consent_id, state);
create index case_link_case_file on case_link (case_file_id, state);

create table case_message (
    id bytea primary key,
    link_id bytea not null references case_link (id),
    seq bigint not null,
    side text not null check (side in ('asking', 'answering')),
    author_id bytea not null references person (id),
    sealed bytea not null,
    at bigint not null,
    unique (link_id, seq)
);

create table case_message_category (
    message_id bytea not null references case_message (id),
    category text not null,
    primary key (message_id, category)
);

-- Why a manager without the task opened a case (through a link, or the own unit's consents), sealed under its key.
create table case_reason (
    id bytea primary key,
    case_file_id bytea not null references case_file (id),
    link_id bytea references case_link (id),
    person_id bytea not null references person (id),
    sealed bytea not null,
    at bigint not null
);
create index case_reason_link on case_reason (link_id, person_id);

-- A consent that everybody has given whose yes is needed, with a scope: all but its state and its time.
-- Every subject of the case is covered: an adult by themself or a representative, a minor by each guardian.
create view consent_whole as
    select c.id, c.case_file_id from consent c
    where c.child_harm = 0
      and exists (select 1 from consent_category x where x.consent_id = c.id)
      and exists (select 1 from consent_unit x where x.consent_id = c.id)
      and exists (select 1 from case_subject s where s.case_file_id = c.case_file_id)
      and not exists (select 1 from consent_giver g where g.consent_id = c.id and g.state <> 'given')
      and not exists (
          select 1 from case_subject s where s.case_file_id = c.case_file_id and (
              (s.guardians = 0 and not exists (
                  select 1 from consent_giver g where g.consent_id = c.id and g.subject_id = s.id and g.kind in ('individual', 'representative')))
              or s.guardians > (
                  select count(*) from consent_giver g where g.consent_id = c.id and g.subject_id = s.id and g.kind = 'guardian')));

-- A consent that holds at this moment, for a case that is open.
create view consent_live as
    select c.id, c.case_file_id, c.unit_id, c.until_at
    from consent c join consent_whole w on w.id = c.id join case_file f on f.id = c.case_file_id
    where c.state in ('given', 'limited') and f.state = 'open'
      and c.from_at <= (select at from moment) and c.until_at > (select at from moment);

-- Who may be told what, at this moment.
create view consent_cover as
    select l.id as consent_id, l.case_file_id, u.unit_id, l.unit_id as own_unit_id
    from consent_live l join consent_unit u on u.consent_id = l.id;

-- The links that hold at this moment. Everything that shows a case to another unit reads them here, and not in the table.
create view case_link_live as
    select k.id, k.thread_id, k.case_file_id, k.consent_id, k.unit_id, f.unit_id as own_unit_id,
           case when exists (select 1 from consent_cover a where a.consent_id = k.answer_consent_id and a.own_unit_id = k.unit_id and a.unit_id = f.unit_id)
                then k.answer_consent_id end as answer_consent_id
    from case_link k join case_file f on f.id = k.case_file_id
    where k.state = 'open'
      and exists (select 1 from consent_cover v where v.consent_id = k.consent_id and v.case_file_id = k.case_file_id and v.unit_id = k.unit_id);

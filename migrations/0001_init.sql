-- One text for SQLite and PostgreSQL. Ids are 16 bytes, times are microseconds since 1970 (UTC), flags are 0 or 1.
-- Every free text is sealed before it comes here: a column of clear text holds a name of a unit or a colleague, a code or a number.

-- Who we are: authority -> secrecy domain -> unit.

create table authority (
    id bytea primary key,
    name text not null unique
);

create table secrecy_domain (
    id bytea primary key,
    authority_id bytea not null references authority (id),
    name text not null,
    unique (authority_id, name)
);

create table unit (
    id bytea primary key,
    domain_id bytea not null references secrecy_domain (id),
    name text not null,
    municipality text not null check (length(municipality) = 4),
    phone text not null,
    target_days bigint not null check (target_days between 1 and 60),
    staff bigint not null check (staff > 0),
    backup_unit_id bytea references unit (id),
    unique (domain_id, name)
);

create table unit_subject (
    unit_id bytea not null references unit (id),
    subject text not null,
    primary key (unit_id, subject)
);

create table person (
    id bytea primary key,
    authority_id bytea not null references authority (id),
    login text not null unique,
    name text not null,
    email text,
    password_hash text not null,
    locale text not null check (locale in ('sv', 'en')),
    disabled_at bigint,
    created_at bigint not null
);

create table unit_role (
    person_id bytea not null references person (id),
    unit_id bytea not null references unit (id),
    role text not null check (role in ('handler', 'unit_manager', 'backup_manager')),
    primary key (person_id, unit_id, role)
);
create index unit_role_unit on unit_role (unit_id, role);

create table authority_role (
    person_id bytea not null references person (id),
    role text not null check (role in ('admin', 'auditor', 'steering', 'registrar')),
    primary key (person_id, role)
);

-- Signing in. Only hashes of tokens; a login that was tried is kept as a keyed hash, for people type the wrong thing into the wrong field.

create table session (
    id bytea primary key,
    token_hash bytea not null unique,
    person_id bytea not null references person (id),
    created_at bigint not null,
    seen_at bigint not null,
    locked bigint not null default 0,
    ended_at bigint
);
create index session_person on session (person_id);

create table bearer_token (
    id bytea primary key,
    token_hash bytea not null unique,
    person_id bytea not null references person (id),
    label text not null,
    created_at bigint not null,
    ended_at bigint
);

create table signin_failure (
    login_hash bytea primary key,
    failures bigint not null,
    until_at bigint not null
);

-- Threads. Two sides; the one that answers is one unit at a time.

create table thread (
    id bytea primary key,
    wrapped_key bytea not null,
    asking_unit_id bytea not null references unit (id),
    asker_id bytea not null references person (id),
    hide_unit bigint not null,
    subject text not null,
    urgency text not null check (urgency in ('normal', 'soon')),
    status text not null check (status in ('open', 'claimed', 'answered', 'closed')),
    turn text check (turn in ('asking', 'answering')),
    due_at bigint not null,
    last_seq bigint not null default 0,
    claimed_unit_id bytea references unit (id),
    claimed_by bytea references person (id),
    lease_until bigint,
    used text check (used in ('yes', 'partly', 'no')),
    otherwise text check (otherwise in ('phoned', 'waited', 'guessed', 'not_asked')),
    created_at bigint not null,
    updated_at bigint not null,
    closed_at bigint,
    check ((status = 'closed') = (closed_at is not null)),
    check ((status = 'closed') = (turn is null)),
    check ((claimed_by is null) = (claimed_unit_id is null)),
    check (status <> 'claimed' or claimed_by is not null)
);
create index thread_asking on thread (asking_unit_id, status);
create index thread_lease on thread (lease_until);

-- Which units a question stands with: active sees it, waiting has stepped aside for the unit that took it, left has let it go.
create table thread_target (
    thread_id bytea not null references thread (id),
    unit_id bytea not null references unit (id),
    state text not null check (state in ('active', 'waiting', 'left')),
    primary key (thread_id, unit_id)
);
create index thread_target_unit on thread_target (unit_id, state);

-- A colleague's place in a thread: the side first taken (kept for good) and the unit it was taken for, the alias that others see, the unread cursor.
create table thread_person (
    thread_id bytea not null references thread (id),
    person_id bytea not null references person (id),
    side text not null check (side in ('asking', 'answering')),
    unit_id bytea not null references unit (id),
    alias_id bytea not null unique,
    letter text not null,
    colour text not null,
    read_n bigint not null default 0,
    spoke bigint not null default 0,
    primary key (thread_id, person_id),
    unique (thread_id, letter)
);
create index thread_person_person on thread_person (person_id);

create table message (
    id bytea primary key,
    thread_id bytea not null references thread (id),
    seq bigint not null,
    side text not null check (side in ('asking', 'answering')),
    author_id bytea not null references person (id),
    kind text not null check (kind in ('question', 'reply', 'ask_back', 'advice', 'route', 'close')),
    corrects_id bytea references message (id),
    sealed bytea not null,
    at bigint not null,
    unique (thread_id, seq)
);

-- Held text: the writer says "false alarm", or the risk is above the limit, and a manager decides. A key of its own; what is returned loses text and key.
create table held (
    id bytea primary key,
    unit_id bytea not null references unit (id),
    author_id bytea not null references person (id),
    thread_id bytea references thread (id),
    op text not null,
    reasons text not null,
    state text not null check (state in ('waiting', 'approved', 'returned', 'withdrawn')),
    wrapped_key bytea,
    sealed bytea,
    decided_by bytea references person (id),
    created_at bigint not null,
    decided_at bigint,
    check ((state = 'waiting') = (decided_at is null)),
    check (decided_by is null or state = 'withdrawn' or decided_by <> author_id)
);
create index held_unit on held (unit_id, state);
create index held_author on held (author_id);

-- The live side. A stream is one side of one thread (of one asked unit), or one person's notices. Its numbers are dense.
create table stream (
    id bytea primary key,
    thread_id bytea references thread (id),
    side text check (side in ('asking', 'answering')),
    unit_id bytea references unit (id),
    person_id bytea unique references person (id),
    last_n bigint not null default 0,
    moved_at bigint not null,
    unique (thread_id, side, unit_id),
    check ((person_id is null) = (thread_id is not null))
);
create index stream_moved on stream (moved_at);

-- Ids and kinds only: a frame is rendered when it is sent, with the rights of that moment.
create table event (
    stream_id bytea not null references stream (id),
    n bigint not null,
    kind text not null,
    ref_id bytea,
    change text,
    at bigint not null,
    primary key (stream_id, n)
);

-- A command takes effect once. The answer holds ids and codes only.
create table command (
    person_id bytea not null references person (id),
    id bytea not null,
    op text not null,
    answer text not null,
    at bigint not null,
    primary key (person_id, id)
);

-- Mail that says only that something waits, and for which role.
create table mail_due (
    person_id bytea not null references person (id),
    role text not null,
    due_at bigint not null,
    primary key (person_id, role)
);

-- Who did what, when, to which row. No content. (Chained in a later migration.)
-- only sqlite
create table audit (
    n integer primary key autoincrement,
    authority_id bytea not null references authority (id),
    person_id bytea,
    action text not null,
    target text not null,
    target_id bytea,
    at bigint not null
);
-- end
-- only postgres
create table audit (
    n bigint generated always as identity primary key,
    authority_id bytea not null references authority (id),
    person_id bytea,
    action text not null,
    target text not null,
    target_id bytea,
    at bigint not null
);
-- end
create index audit_target on audit (target_id);
create index audit_authority on audit (authority_id, at);

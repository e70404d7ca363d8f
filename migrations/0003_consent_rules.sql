-- The rules of 0002, held by the database. What a row is about never changes, nothing is taken away, and a state goes only forward.

-- only sqlite
create trigger clock_mark_forward before update on clock_mark when new.at < old.at or new.one <> old.one
begin select raise(abort, 'the mark goes forward only'); end;
create trigger clock_mark_stays before delete on clock_mark begin select raise(abort, 'the mark stays'); end;

create trigger case_file_change before update on case_file
begin
    select raise(abort, 'case file: fixed') where new.id <> old.id or new.authority_id <> old.authority_id or new.unit_id <> old.unit_id
        or new.sealed <> old.sealed or (old.state = 'closed' and new.state = 'open');
end;
create trigger case_file_stays before delete on case_file begin select raise(abort, 'case file: stays'); end;
create trigger case_file_closes after update on case_file when new.state = 'closed' and old.state = 'open'
begin
    update case_link set state = 'closed', closed_at = new.closed_at where case_file_id = new.id and state = 'open';
end;

create trigger case_subject_early before insert on case_subject when exists (select 1 from consent where case_file_id = new.case_file_id)
begin select raise(abort, 'subject: before the first consent'); end;
create trigger case_subject_fixed before update on case_subject begin select raise(abort, 'subject: fixed'); end;
create trigger case_subject_stays before delete on case_subject begin select raise(abort, 'subject: stays'); end;

create trigger consent_begins before insert on consent
when new.state <> 'draft' or not exists (select 1 from case_file where id = new.case_file_id and unit_id = new.unit_id)
begin select raise(abort, 'consent: begins as a draft, of its own unit'); end;
create trigger consent_change before update on consent
begin
    select raise(abort, 'consent: fixed') where new.id <> old.id or new.case_file_id <> old.case_file_id or new.unit_id <> old.unit_id
        or new.recorded_by <> old.recorded_by or new.recorded_at <> old.recorded_at or new.sealed <> old.sealed or new.child_harm <> old.child_harm
        or new.from_at <> old.from_at or new.until_at > old.until_at;
    select raise(abort, 'consent: ended') where old.state in ('revoked', 'expired', 'refused');
    select raise(abort, 'consent: no such step') where new.state <> old.state and old.state || ' ' || new.state not in
        ('draft given', 'draft refused', 'draft expired', 'given limited', 'given revoked', 'given expired', 'limited revoked', 'limited expired');
    select raise(abort, 'consent: not whole') where new.state in ('given', 'limited')
        and (new.until_at <= (select at from moment) or not exists (select 1 from consent_whole where id = new.id));
    select raise(abort, 'consent: not over yet') where new.state = 'expired' and new.until_at > (select at from moment);
end;
create trigger consent_stays before delete on consent begin select raise(abort, 'consent: stays'); end;
create trigger consent_ends after update on consent when new.state in ('revoked', 'expired')
begin
    update case_link set state = 'closed', closed_at = (select at from moment) where consent_id = new.id and state = 'open';
end;

create trigger consent_category_early before insert on consent_category
when not exists (select 1 from consent where id = new.consent_id and state = 'draft')
begin select raise(abort, 'scope: only in a draft'); end;
create trigger consent_category_fixed before update on consent_category begin select raise(abort, 'scope: fixed'); end;
create trigger consent_category_last before delete on consent_category
when (select count(*) from consent_category where consent_id = old.consent_id) < 2
begin select raise(abort, 'scope: never blank'); end;

create trigger consent_unit_early before insert on consent_unit
when not exists (select 1 from consent where id = new.consent_id and state = 'draft' and unit_id <> new.unit_id)
begin select raise(abort, 'scope: only in a draft, and another unit'); end;
create trigger consent_unit_fixed before update on consent_unit begin select raise(abort, 'scope: fixed'); end;
create trigger consent_unit_last before delete on consent_unit
when (select count(*) from consent_unit where consent_id = old.consent_id) < 2
begin select raise(abort, 'scope: never blank'); end;
create trigger consent_unit_leaves after delete on consent_unit
begin
    update case_link set state = 'closed', closed_at = (select at from moment)
    where consent_id = old.consent_id and unit_id = old.unit_id and state = 'open';
end;

create trigger consent_giver_early before insert on consent_giver
when new.state <> 'asked' or not exists (
    select 1 from consent c join case_subject s on s.case_file_id = c.case_file_id where c.id = new.consent_id and c.state = 'draft' and s.id = new.subject_id)
begin select raise(abort, 'giver: asked in a draft, for a subject of the case'); end;
create trigger consent_giver_change before update on consent_giver
begin
    select raise(abort, 'giver: fixed') where new.id <> old.id or new.consent_id <> old.consent_id or new.subject_id <> old.subject_id or new.kind <> old.kind
        or new.lookup <> old.lookup or new.sealed <> old.sealed or (old.state <> 'asked' and new.answer_sealed is not old.answer_sealed);
    select raise(abort, 'giver: no such step') where old.state || ' ' || new.state not in ('asked given', 'asked refused', 'given withdrawn');
end;
create trigger consent_giver_stays before delete on consent_giver begin select raise(abort, 'giver: stays'); end;
create trigger consent_giver_withdraws after update on consent_giver when new.state = 'withdrawn'
begin
    update consent set state = 'revoked', changed_at = (select at from moment), ended_at = (select at from moment)
    where id = new.consent_id and state in ('given', 'limited');
end;

create trigger case_link_begins before insert on case_link
begin
    select raise(abort, 'link: no live consent') where new.state <> 'open' or not exists (
        select 1 from consent_cover v where v.consent_id = new.consent_id and v.case_file_id = new.case_file_id and v.unit_id = new.unit_id);
    select raise(abort, 'link: not of this thread') where not exists (
        select 1 from thread t join case_file f on f.unit_id = t.asking_unit_id join thread_target x on x.thread_id = t.id
        where t.id = new.thread_id and f.id = new.case_file_id and x.unit_id = new.unit_id);
    select raise(abort, 'link: the answer comes later') where new.answer_consent_id is not null;
end;
create trigger case_link_change before update on case_link
begin
    select raise(abort, 'link: fixed') where new.id <> old.id or new.thread_id <> old.thread_id or new.case_file_id <> old.case_file_id
        or new.unit_id <> old.unit_id or new.created_by <> old.created_by or new.created_at <> old.created_at;
    select raise(abort, 'link: closed') where old.state = 'closed';
    select raise(abort, 'link: no live consent') where new.state = 'open' and not exists (
        select 1 from consent_cover v where v.consent_id = new.consent_id and v.case_file_id = new.case_file_id and v.unit_id = new.unit_id);
    select raise(abort, 'link: no live answer') where new.answer_consent_id is not null and new.answer_consent_id is not old.answer_consent_id and not exists (
        select 1 from consent_cover v join case_file f on f.unit_id = v.unit_id
        where v.consent_id = new.answer_consent_id and v.own_unit_id = new.unit_id and f.id = new.case_file_id);
end;
create trigger case_link_stays before delete on case_link begin select raise(abort, 'link: stays'); end;

create trigger case_message_covered before insert on case_message
when not exists (select 1 from case_link_live k where k.id = new.link_id and (new.side = 'asking' or k.answer_consent_id is not null))
begin select raise(abort, 'message: not covered'); end;
create trigger case_message_fixed before update on case_message begin select raise(abort, 'message: fixed'); end;
create trigger case_message_stays before delete on case_message begin select raise(abort, 'message: stays'); end;
create trigger case_message_category_covered before insert on case_message_category
when not exists (
    select 1 from case_message m join case_link_live k on k.id = m.link_id
    join consent_category c on c.consent_id = case m.side when 'asking' then k.consent_id else k.answer_consent_id end
    where m.id = new.message_id and c.category = new.category)
begin select raise(abort, 'message: outside the scope'); end;
create trigger case_message_category_fixed before update on case_message_category begin select raise(abort, 'message: fixed'); end;
create trigger case_message_category_stays before delete on case_message_category begin select raise(abort, 'message: stays'); end;
-- end

-- only postgres
-- The same rules. Where two transactions could pass each other (a link made while its consent ends), both lock the consent's row first.
create function stays() returns trigger language plpgsql as $$
begin
    raise exception 'it stays as it is';
end $$;
create trigger clock_mark_stays before delete on clock_mark for each row execute function stays();
create trigger case_file_stays before delete on case_file for each row execute function stays();
create trigger case_subject_fixed before update or delete on case_subject for each row execute function stays();
create trigger consent_stays before delete on consent for each row execute function stays();
create trigger consent_category_fixed before update on consent_category for each row execute function stays();
create trigger consent_unit_fixed before update on consent_unit for each row execute function stays();
create trigger consent_giver_stays before delete on consent_giver for each row execute function stays();
create trigger case_link_stays before delete on case_link for each row execute function stays();
create trigger case_message_fixed before update or delete on case_message for each row execute function stays();
create trigger case_message_category_fixed before update or delete on case_message_category for each row execute function stays();
create trigger clock_mark_forward before update on clock_mark for each row when (new.at < old.at or new.one <> old.one) execute function stays();

create function case_file_change() returns trigger language plpgsql as $$
begin
    if new.id <> old.id or new.authority_id <> old.authority_id or new.unit_id <> old.unit_id or new.sealed <> old.sealed
        or (old.state = 'closed' and new.state = 'open') then
        raise exception 'case file: fixed';
    end if;
    return new;
end $$;
create trigger case_file_change before update on case_file for each row execute function case_file_change();
create function case_file_closes() returns trigger language plpgsql as $$
begin
    update case_link set state = 'closed', closed_at = new.closed_at where case_file_id = new.id and state = 'open';
    return null;
end $$;
create trigger case_file_closes after update on case_file for each row when (new.state = 'closed' and old.state = 'open') execute function case_file_closes();

create function case_subject_early() returns trigger language plpgsql as $$
begin
    perform 1 from case_file where id = new.case_file_id for update;
    if exists (select 1 from consent where case_file_id = new.case_file_id) then
        raise exception 'subject: before the first consent';
    end if;
    return new;
end $$;
create trigger case_subject_early before insert on case_subject for each row execute function case_subject_early();

create function consent_begins() returns trigger language plpgsql as $$
begin
    perform 1 from case_file where id = new.case_file_id for share;
    if new.state <> 'draft' or not exists (select 1 from case_file where id = new.case_file_id and unit_id = new.unit_id) then
        raise exception 'consent: begins as a draft, of its own unit';
    end if;
    return new;
end $$;
create trigger consent_begins before insert on consent for each row execute function consent_begins();
create function consent_change() returns trigger language plpgsql as $$
begin
    if new.id <> old.id or new.case_file_id <> old.case_file_id or new.unit_id <> old.unit_id or new.recorded_by <> old.recorded_by
        or new.recorded_at <> old.recorded_at or new.sealed <> old.sealed or new.child_harm <> old.child_harm or new.from_at <> old.from_at
        or new.until_at > old.until_at then
        raise exception 'consent: fixed';
    end if;
    if old.state in ('revoked', 'expired', 'refused') then
        raise exception 'consent: ended';
    end if;
    if new.state <> old.state and old.state || ' ' || new.state not in
        ('draft given', 'draft refused', 'draft expired', 'given limited', 'given revoked', 'given expired', 'limited revoked', 'limited expired') then
        raise exception 'consent: no such step';
    end if;
    if new.state in ('given', 'limited')
        and (new.until_at <= (select at from moment) or not exists (select 1 from consent_whole where id = new.id)) then
        raise exception 'consent: not whole';
    end if;
    if new.state = 'expired' and new.until_at > (select at from moment) then
        raise exception 'consent: not over yet';
    end if;
    return new;
end $$;
create trigger consent_change before update on consent for each row execute function consent_change();
create function consent_ends() returns trigger language plpgsql as $$
begin
    update case_link set state = 'closed', closed_at = (select at from moment) where consent_id = new.id and state = 'open';
    return null;
end $$;
create trigger consent_ends after update on consent for each row when (new.state in ('revoked', 'expired')) execute function consent_ends();

create function scope_early() returns trigger language plpgsql as $$
begin
    perform 1 from consent where id = new.consent_id and state = 'draft' for update;
    if not found then
        raise exception 'scope: only in a draft';
    end if;
    return new;
end $$;
create trigger consent_category_early before insert on consent_category for each row execute function scope_early();
create trigger consent_unit_early before insert on consent_unit for each row execute function scope_early();
create function consent_unit_other() returns trigger language plpgsql as $$
begin
    if exists (select 1 from consent where id = new.consent_id and unit_id = new.unit_id) then
        raise exception 'scope: another unit';
    end if;
    return new;
end $$;
create trigger consent_unit_other before insert on consent_unit for each row execute function consent_unit_other();
create function consent_category_last() returns trigger language plpgsql as $$
begin
    perform 1 from consent where id = old.consent_id for update;
    if (select count(*) from consent_category where consent_id = old.consent_id) < 2 then
        raise exception 'scope: never blank';
    end if;
    return old;
end $$;
create trigger consent_category_last before delete on consent_category for each row execute function consent_category_last();
create function consent_unit_last() returns trigger language plpgsql as $$
begin
    perform 1 from consent where id = old.consent_id for update;
    if (select count(*) from consent_unit where consent_id = old.consent_id) < 2 then
        raise exception 'scope: never blank';
    end if;
    return old;
end $$;
create trigger consent_unit_last before delete on consent_unit for each row execute function consent_unit_last();
create function consent_unit_leaves() returns trigger language plpgsql as $$
begin
    update case_link set state = 'closed', closed_at = (select at from moment)
    where consent_id = old.consent_id and unit_id = old.unit_id and state = 'open';
    return null;
end $$;
create trigger consent_unit_leaves after delete on consent_unit for each row execute function consent_unit_leaves();

create function consent_giver_early() returns trigger language plpgsql as $$
begin
    perform 1 from consent where id = new.consent_id for update;
    if new.state <> 'asked' or not exists (
        select 1 from consent c join case_subject s on s.case_file_id = c.case_file_id
        where c.id = new.consent_id and c.state = 'draft' and s.id = new.subject_id) then
        raise exception 'giver: asked in a draft, for a subject of the case';
    end if;
    return new;
end $$;
create trigger consent_giver_early before insert on consent_giver for each row execute function consent_giver_early();
create function consent_giver_change() returns trigger language plpgsql as $$
begin
    perform 1 from consent where id = old.consent_id for update;
    if new.id <> old.id or new.consent_id <> old.consent_id or new.subject_id <> old.subject_id or new.kind <> old.kind or new.lookup <> old.lookup
        or new.sealed <> old.sealed or (old.state <> 'asked' and new.answer_sealed is distinct from old.answer_sealed) then
        raise exception 'giver: fixed';
    end if;
    if old.state || ' ' || new.state not in ('asked given', 'asked refused', 'given withdrawn') then
        raise exception 'giver: no such step';
    end if;
    return new;
end $$;
create trigger consent_giver_change before update on consent_giver for each row execute function consent_giver_change();
create function consent_giver_withdraws() returns trigger language plpgsql as $$
begin
    update consent set state = 'revoked', changed_at = (select at from moment), ended_at = (select at from moment)
    where id = new.consent_id and state in ('given', 'limited');
    return null;
end $$;
create trigger consent_giver_withdraws after update on consent_giver for each row when (new.state = 'withdrawn') execute function consent_giver_withdraws();

create function case_link_covered() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'open' or new.answer_consent_id is not null then
            raise exception 'link: begins open, and the answer comes later';
        end if;
        if not exists (
            select 1 from thread t join case_file f on f.unit_id = t.asking_unit_id join thread_target x on x.thread_id = t.id
            where t.id = new.thread_id and f.id = new.case_file_id and x.unit_id = new.unit_id) then
            raise exception 'link: not of this thread';
        end if;
        -- Nobody closes the case meanwhile.
        perform 1 from case_file where id = new.case_file_id for share;
    else
        if new.id <> old.id or new.thread_id <> old.thread_id or new.case_file_id <> old.case_file_id or new.unit_id <> old.unit_id
            or new.created_by <> old.created_by or new.created_at <> old.created_at then
            raise exception 'link: fixed';
        end if;
        if old.state = 'closed' then
            raise exception 'link: closed';
        end if;
        if new.state = 'closed' then
            return new;
        end if;
    end if;
    perform 1 from consent where id = new.consent_id or id = new.answer_consent_id order by id for share;
    if not exists (
        select 1 from consent_cover v where v.consent_id = new.consent_id and v.case_file_id = new.case_file_id and v.unit_id = new.unit_id) then
        raise exception 'link: no live consent';
    end if;
    if tg_op = 'UPDATE' and new.answer_consent_id is not null and new.answer_consent_id is distinct from old.answer_consent_id and not exists (
        select 1 from consent_cover v join case_file f on f.unit_id = v.unit_id
        where v.consent_id = new.answer_consent_id and v.own_unit_id = new.unit_id and f.id = new.case_file_id) then
        raise exception 'link: no live answer';
    end if;
    return new;
end $$;
create trigger case_link_covered before insert or update on case_link for each row execute function case_link_covered();

create function case_message_covered() returns trigger language plpgsql as $$
begin
    perform 1 from consent c join case_link k on k.consent_id = c.id or k.answer_consent_id = c.id where k.id = new.link_id order by c.id for share of c;
    if not exists (select 1 from case_link_live k where k.id = new.link_id and (new.side = 'asking' or k.answer_consent_id is not null)) then
        raise exception 'message: not covered';
    end if;
    return new;
end $$;
create trigger case_message_covered before insert on case_message for each row execute function case_message_covered();
create function case_message_category_covered() returns trigger language plpgsql as $$
begin
    if not exists (
        select 1 from case_message m join case_link_live k on k.id = m.link_id
        join consent_category c on c.consent_id = case m.side when 'asking' then k.consent_id else k.answer_consent_id end
        where m.id = new.message_id and c.category = new.category) then
        raise exception 'message: outside the scope';
    end if;
    return new;
end $$;
create trigger case_message_category_covered before insert on case_message_category for each row execute function case_message_category_covered();
-- end

-- Everything that hangs on one table, one row per thing: what kind it is, its name, its definition in words that stay
-- the same when a table of the same shape takes the table's name, and why a swap or a replace would lose or break it
-- (null: it is preserved). Run with search_path = pg_catalog, so that every name in a definition is qualified.
-- First parameter: the table's oid. Second: the ledger's schema, whose triggers are the drift capture.
with t as (
    select c.*, n.nspname, format('%I.%I', n.nspname, c.relname) as qualified
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = ?::oid
),
ledger as (
    select coalesce(to_regnamespace(quote_ident(?))::oid, 0::oid) as oid
),

columns as (
    select 'column' as kind, a.attname::text as name,
        concat_ws(' ',
            row_number() over (order by a.attnum),
            format_type(a.atttypid, a.atttypmod),
            case when a.attcollation <> ty.typcollation then 'collate ' || a.attcollation::regcollation::text end,
            case when a.attnotnull then 'not null' end,
            case when a.attidentity <> '' then 'identity ' || a.attidentity::text end,
            case when a.attgenerated <> '' then 'generated' end,
            'default ' || pg_get_expr(d.adbin, d.adrelid)) as definition,
        null::text as swap, null::text as replace
    from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    join pg_type ty on ty.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
    union all
    select 'column setting', format('%I %s', a.attname, s.setting), s.value, null, null
    from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    join pg_type ty on ty.oid = a.atttypid
    cross join lateral (values
        ('statistics', nullif(a.attstattarget, -1)::text),
        ('storage', case when a.attstorage <> ty.typstorage then a.attstorage::text end),
        ('compression', nullif(a.attcompression::text, '')),
        ('options', array_to_string(a.attoptions, ', '))) s (setting, value)
    where s.value is not null
),
table_itself as (
    select 'owner', t.relowner::regrole::text, 'owner', null::text, null::text from t
    union all
    select 'storage option', 'storage', o, null, null
    from t, unnest(t.reloptions) o
    union all
    select 'storage option', 'toast', o, null, null
    from t join pg_class toast on toast.oid = t.reltoastrelid, unnest(toast.reloptions) o
    union all
    select 'replica identity', t.relreplident::text,
        (select i.indexrelid::regclass::text from pg_index i where i.indrelid = t.oid and i.indisreplident), null, null
    from t where t.relreplident <> 'd'
    union all
    select 'tablespace', s.spcname, s.spcname, 'the shadow lives in the default tablespace', null
    from t join pg_tablespace s on s.oid = t.reltablespace
    union all
    select 'access method', m.amname, m.amname, 'the shadow is a heap', null
    from t join pg_am m on m.oid = t.relam where m.amname <> 'heap'
    union all
    select 'typed table', t.reloftype::regtype::text, '', 'the shadow has no type of its own', null
    from t where t.reloftype <> 0
    union all
    select 'extension', e.extname, '', 'the table is part of the extension', null
    from t join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = t.oid and d.deptype = 'e'
    join pg_extension e on e.oid = d.refobjid
),
comments as (
    select 'comment', 'table', obj_description(t.oid, 'pg_class'), null::text, null::text
    from t where obj_description(t.oid, 'pg_class') is not null
    union all
    select 'comment', 'column ' || quote_ident(a.attname), col_description(t.oid, a.attnum), null, null
    from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    where col_description(t.oid, a.attnum) is not null
    union all
    select 'comment', 'constraint ' || quote_ident(c.conname), obj_description(c.oid, 'pg_constraint'), null, null
    from t join pg_constraint c on c.conrelid = t.oid where obj_description(c.oid, 'pg_constraint') is not null
    union all
    select 'comment', 'index ' || i.indexrelid::regclass::text, obj_description(i.indexrelid, 'pg_class'), null, null
    from t join pg_index i on i.indrelid = t.oid where obj_description(i.indexrelid, 'pg_class') is not null
    union all
    select 'comment', 'statistics ' || s.stxnamespace::regnamespace || '.' || quote_ident(s.stxname), obj_description(s.oid, 'pg_statistic_ext'), null, null
    from t join pg_statistic_ext s on s.stxrelid = t.oid where obj_description(s.oid, 'pg_statistic_ext') is not null
    union all
    select 'security label', l.provider, l.label, 'a label belongs to the table itself', null
    from t join pg_seclabel l on l.classoid = 'pg_class'::regclass and l.objoid = t.oid
),
grants as (
    select 'table grant',
        format('%s to %s', a.privilege_type, case a.grantee when 0 then 'public' else a.grantee::regrole::text end),
        concat_ws(' ', 'by', a.grantor::regrole::text, case when a.is_grantable then 'with grant option' end),
        case when a.grantor <> t.relowner then 'only ' || a.grantor::regrole::text || ' can grant it again' end,
        null::text
    from t, aclexplode(coalesce(t.relacl, acldefault('r', t.relowner))) a
    union all
    select 'column grant',
        format('%s (%I) to %s', a.privilege_type, c.attname,
            case a.grantee when 0 then 'public' else a.grantee::regrole::text end),
        concat_ws(' ', 'by', a.grantor::regrole::text, case when a.is_grantable then 'with grant option' end),
        case when a.grantor <> t.relowner then 'only ' || a.grantor::regrole::text || ' can grant it again' end,
        null
    from t join pg_attribute c on c.attrelid = t.oid and not c.attisdropped, aclexplode(c.attacl) a
),
keys as (
    select case
            when k.contype = 'p' then 'primary key'
            when k.contype = 'u' then 'unique constraint'
            when k.contype = 'x' then 'exclusion constraint'
            when i.indisunique then 'unique index'
            else 'index' end,
        x.relname::text,
        concat_ws(' ', pg_get_indexdef(i.indexrelid), pg_get_constraintdef(k.oid),
            case when i.indisclustered then 'clustered' end,
            (select 'statistics ' || string_agg(a.attnum || '=' || a.attstattarget, ',' order by a.attnum)
             from pg_attribute a where a.attrelid = x.oid and a.attstattarget <> -1)),
        case
            when not i.indisvalid or not i.indisready then 'the index is not valid'
            when x.reltablespace <> 0 then 'it lives in a tablespace of its own'
            when exists (select from pg_attribute a where a.attrelid = x.oid and a.attstattarget <> -1)
                then 'its columns have statistics targets of their own' end,
        null::text
    from t join pg_index i on i.indrelid = t.oid
    join pg_class x on x.oid = i.indexrelid
    left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = t.oid and k.contype in ('p', 'u', 'x')
),
constraints as (
    select case k.contype when 'c' then 'check constraint' else 'foreign key' end, k.conname::text,
        concat_ws(' ', pg_get_constraintdef(k.oid), case when k.connoinherit then 'no inherit' end),
        case when k.contype = 'c' and not k.convalidated then 'it is not validated' end,
        null::text
    from t join pg_constraint k on k.conrelid = t.oid
    where k.contype = 'c' or (k.contype = 'f' and k.confrelid <> t.oid)
    union all
    select case when k.conrelid = t.oid then 'foreign key to itself' else 'foreign key from another table' end,
        k.conrelid::regclass || '.' || quote_ident(k.conname),
        pg_get_constraintdef(k.oid),
        'it would follow the old table',
        case
            when k.confdeltype = 'c' then 'its ON DELETE CASCADE would delete the referring rows'
            when k.confdeltype = 'n' then 'its ON DELETE SET NULL would change the referring rows'
            when k.confdeltype = 'd' then 'its ON DELETE SET DEFAULT would change the referring rows'
            when k.confdeltype = 'r' then 'its ON DELETE RESTRICT forbids the delete of referenced rows'
            when not k.condeferrable then 'it is not deferrable, so that it forbids the delete of referenced rows' end
    from t join pg_constraint k on k.confrelid = t.oid and k.contype = 'f'
),
behaviour as (
    select 'trigger', g.tgname::text, pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text,
        'it would stay with the old table',
        case when g.tgenabled in ('O', 'A') and (g.tgtype & 12) <> 0
            then 'it would fire for the rows that are deleted and inserted' end
    from t join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
    join pg_proc p on p.oid = g.tgfoid cross join ledger
    where p.pronamespace <> ledger.oid or p.proname !~ '^bf_[0-9a-f]{12}_'
    union all
    select 'disabled system trigger', g.tgname::text, g.tgenabled::text, 'it would be enabled again', null
    from t join pg_trigger g on g.tgrelid = t.oid and g.tgisinternal and g.tgenabled <> 'O'
    union all
    select 'rule', r.rulename::text, pg_get_ruledef(r.oid), 'it would stay with the old table',
        case when r.ev_type in ('3', '4') and r.ev_enabled in ('O', 'A')
            then 'it would rewrite the delete and insert of the publish' end
    from t join pg_rewrite r on r.ev_class = t.oid
    union all
    select 'row level security', t.relname::text, case when t.relforcerowsecurity then 'forced' else 'enabled' end,
        'it would stay with the old table',
        case when row_security_active(t.oid) then 'it hides rows from ' || quote_ident(current_user) end
    from t where t.relrowsecurity or t.relforcerowsecurity
    union all
    select 'policy', p.polname::text, '', 'it would stay with the old table', null
    from t join pg_policy p on p.polrelid = t.oid
),
replication as (
    select 'publication', p.pubname::text, '', 'it would stay with the old table',
        case when p.pubdelete and t.relreplident = 'n' or p.pubdelete and t.relreplident = 'd'
                and not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)
            then 'it publishes deletes, and the table has no replica identity' end
    from t join pg_publication_rel r on r.prrelid = t.oid join pg_publication p on p.oid = r.prpubid
    union all
    select 'publication', p.pubname::text, '',
        'it publishes the whole schema, the shadow included, which its subscribers do not have',
        'it publishes the whole schema, the shadow included, which its subscribers do not have'
    from t join pg_publication_namespace s on s.pnnspid = t.relnamespace join pg_publication p on p.oid = s.pnpubid
    union all
    select 'publication', p.pubname::text, '',
        'it publishes every table, the shadow included, which its subscribers do not have',
        'it publishes every table, the shadow included, which its subscribers do not have'
    from t cross join pg_publication p where p.puballtables
    union all
    select 'subscription', r.srsubid::text, '', 'its changes would go on into the old table', null
    from t join pg_subscription_rel r on r.srrelid = t.oid
),
readers as (
    select distinct case v.relkind when 'm' then 'materialized view' when 'v' then 'view' else 'rule of another table' end,
        v.oid::regclass::text, '', 'it would follow the old table', null::text
    from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
        and d.classid = 'pg_rewrite'::regclass
    join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class and v.oid <> t.oid
    union all
    select distinct 'function', d.objid::regprocedure::text, '', 'its body would follow the old table', null
    from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
        and d.classid = 'pg_proc'::regclass
),
sequences as (
    select case d.deptype when 'i' then 'identity sequence' else 'owned sequence' end,
        format('%s of column %I', s.oid::regclass, a.attname),
        format('%s start %s increment %s from %s to %s cache %s cycle %s owner %s grants %s%s',
            q.seqtypid::regtype, q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle,
            s.relowner::regrole, s.relacl,
            -- An owned one is moved and never copied; its value may go on while the table is locked.
            case d.deptype when 'i' then ' at ' || pg_sequence_last_value(s.oid) end),
        case when d.deptype = 'i' and s.relacl is not null then 'it has grants of its own' end,
        null::text
    from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.refobjsubid > 0
        and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_class s on s.oid = d.objid and s.relkind = 'S'
    join pg_sequence q on q.seqrelid = s.oid
    join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
),
statistics as (
    select 'extended statistics', s.stxnamespace::regnamespace || '.' || quote_ident(s.stxname),
        concat_ws(' ', pg_get_statisticsobjdef(s.oid), 'owner', s.stxowner::regrole,
            'statistics ' || nullif(s.stxstattarget, -1)),
        null::text, null::text
    from t join pg_statistic_ext s on s.stxrelid = t.oid
),
inheritance as (
    select 'inheriting table', i.inhrelid::regclass::text, '', 'it would stay with the old table',
        'its rows are seen through the target'
    from t join pg_inherits i on i.inhparent = t.oid
    union all
    select 'inherited table', i.inhparent::regclass::text, '', 'it would keep the old table',
        'it sees the rows of the target'
    from t join pg_inherits i on i.inhrelid = t.oid
),
-- Whatever else the catalogue says depends on the table or on its row type, so that a kind nobody thought of refuses.
others as (
    select distinct 'other dependent', pg_describe_object(d.classid, d.objid, d.objsubid), '',
        'it would follow the old table', null::text
    from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
    left join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
    where d.classid not in ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_constraint'::regclass,
            'pg_trigger'::regclass, 'pg_attrdef'::regclass, 'pg_policy'::regclass, 'pg_statistic_ext'::regclass,
            'pg_publication_rel'::regclass)
        and not (d.classid = 'pg_type'::regclass and d.objid = t.reltype)
        and not (d.classid = 'pg_class'::regclass and c.relkind in ('i', 'S', 't'))
        and not (d.classid = 'pg_class'::regclass and exists (select from pg_inherits i where i.inhrelid = c.oid))
    union all
    select distinct 'use of its row type', pg_describe_object(d.classid, d.objid, d.objsubid), '',
        'it would follow the old table', null
    from t join pg_type ty on ty.oid = t.reltype
    join pg_depend d on d.refclassid = 'pg_type'::regclass and d.refobjid in (ty.oid, ty.typarray)
    where not (d.classid = 'pg_type'::regclass and d.objid = ty.typarray)
        and not (d.classid = 'pg_class'::regclass and d.objid = t.oid)
)
select * from columns
union all select * from table_itself
union all select * from comments
union all select * from grants
union all select * from keys
union all select * from constraints
union all select * from behaviour
union all select * from replication
union all select * from readers
union all select * from sequences
union all select * from statistics
union all select * from inheritance
union all select * from others
order by 1, 2, 3

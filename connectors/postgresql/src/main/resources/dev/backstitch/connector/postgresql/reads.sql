-- What the temporary view bf_reads reads through: views, functions and operators' functions with all that these depend on
-- in turn, and the columns of tables. One row per thing: what it is, its name, its definition, and what of it is not seen
-- (null: nothing). Run with search_path = pg_catalog, so that every name in a definition is qualified. Only what is not
-- the database's own counts: that has no entries in pg_depend, or oids below the first that a user can get.
with recursive reached (classid, objid) as (
    select 'pg_class'::regclass::oid, 'pg_temp.bf_reads'::regclass::oid
    union
    select next.classid, next.objid
    from reached r
    cross join lateral (
        select 'pg_rewrite'::regclass::oid as classid, w.oid as objid
        from pg_rewrite w
        where r.classid = 'pg_class'::regclass and w.ev_class = r.objid and w.rulename = '_RETURN'
        union all
        select d.refclassid, d.refobjid
        from pg_depend d
        where d.classid = r.classid and d.objid = r.objid
            and r.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass)
            and d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass)
    ) next
),
things as (select classid, objid from reached where objid >= 16384)
select case c.relkind when 'v' then 'view' else 'materialized view' end as kind,
    c.oid::regclass::text as name,
    pg_get_viewdef(c.oid) as definition,
    null::text as unseen
from things t join pg_class c on c.oid = t.objid
where t.classid = 'pg_class'::regclass and c.relkind in ('v', 'm') and c.oid <> 'pg_temp.bf_reads'::regclass
union all
select case p.prokind when 'a' then 'aggregate' else 'function' end,
    p.oid::regprocedure::text,
    case when p.prokind = 'a'
        then (select concat_ws(' ', a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggtranstype::regtype, a.agginitval)
            from pg_aggregate a where a.aggfnoid = p.oid)
        else pg_get_functiondef(p.oid) end,
    case when p.prokind <> 'a' and (l.lanname <> 'sql' or p.prosqlbody is null)
        then 'what function ' || p.oid::regprocedure || ' reads in turn, since its body is a text in ' || l.lanname end
from things t join pg_proc p on p.oid = t.objid join pg_language l on l.oid = p.prolang
where t.classid = 'pg_proc'::regclass
union all
select distinct 'column',
    c.oid::regclass || '.' || quote_ident(a.attname),
    format_type(a.atttypid, a.atttypmod),
    case c.relkind when 'f' then 'what ' || c.oid::regclass || ' is on its server' end
from reached r
join pg_depend d on d.classid = r.classid and d.objid = r.objid and d.refclassid = 'pg_class'::regclass
join pg_class c on c.oid = d.refobjid and c.relkind not in ('v', 'm') and c.oid >= 16384
join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
where r.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass) and d.refobjsubid > 0
order by 1, 2

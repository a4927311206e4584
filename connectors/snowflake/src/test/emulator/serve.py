"""fakesnow's HTTP server with the gaps closed that a backfill connector meets.

    python serve.py [--db-path DIR]      prints "READY <port>" on stdout; exits when stdin closes (so it dies with its JVM)

Closed here: MERGE (native, atomic, aliased sources, duplicate check), SWAP WITH, CLONE/LIKE that keep NOT NULL and
DEFAULT, exact SUM, OR REPLACE .. CLONE, COPY GRANTS, DDL inside BEGIN commits, decimal and null binds, errors instead of HTTP 500 (which
the driver retries), COMMIT of a failed transaction is refused, session/warehouse/grant statements accepted.
Not closed: see the list in the research note. Nothing here proves anything about Snowflake itself.
"""
import argparse, os, re, socket, sys, threading, time
from decimal import Decimal

import duckdb
import uvicorn
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp, parse_one

import fakesnow.cursor as fc
import fakesnow.macros as macros
import fakesnow.server as server
import fakesnow.statement_type as st
import fakesnow.transforms as tr
from fakesnow.instance import FakeSnow

NOP = [r"\s*alter\s+session\s+(set|unset)\s+(?!autocommit)", r"\s*(grant|revoke)\s", r"\s*(alter|create|drop)\s+warehouse\s", r"\s*use\s+secondary\s",
       r"\s*alter\s+table\s+\S+\s+(set|unset)\s+(data_retention|change_tracking)", r"\s*create\s+(or\s+replace\s+)?role\s"]
EMPTY = {"grants": "created_on,privilege,granted_on,name,granted_to,grantee_name,grant_option,granted_by",
         "streams": "created_on,name,database_name,schema_name,owner,comment,table_name,type,stale,mode"}
WORDS = {"current_warehouse": "'FAKE_WH'", "current_account": "'FAKESNOW'", "current_session": "'1'"}
st._EXPRESSION_TYPES.update({exp.Comment: st.DDL, exp.Grant: st.DDL, exp.Revoke: st.DDL, exp.Set: st.SCL})
Cursor, plain_execute, plain_step = fc.FakeSnowflakeCursor, fc.FakeSnowflakeCursor.execute, fc.FakeSnowflakeCursor._execute


def bind(b, plain=server.from_binding):
    if b["value"] is None: return None
    return Decimal(b["value"]) if b["type"] == "FIXED" and not re.fullmatch(r"-?\d+", b["value"]) else plain(b)


def quoted(t): return ".".join('"%s"' % p.name.replace('"', '""') for p in t.parts)


def where(cur, t):
    return [t.catalog or cur._conn.database, t.db or cur._conn.schema, t.name]


def ddl(cur, statements):
    """Runs DDL as Snowflake does: what was open is committed, then the statement is its own transaction."""
    con = cur._duck_conn
    if in_tx(cur._conn): con.commit(); cur._conn._in_transaction = cur._conn._begun = False
    con.begin()
    try:
        for s, p in statements: con.execute(s, p)
        con.commit()
    except duckdb.Error:
        con.rollback(); raise
    return plain_step(cur, parse_one("SELECT 'Statement executed successfully.' AS status"))


def in_tx(conn): return conn._in_transaction or getattr(conn, "_begun", False)


def swap(cur, a, b):
    ext = "_fs_global._fs_information_schema._fs_tables_ext"
    con, (ca, sa, na), (cb, sb, nb) = cur._duck_conn, where(cur, a), where(cur, b)
    tmp = f"_swap_{os.urandom(4).hex()}"
    q = lambda c, s, n: ".".join('"%s"' % x.replace('"', '""') for x in (c, s, n))
    name = lambda n: '"%s"' % n.replace('"', '""')
    moves = [(f"ALTER TABLE {q(ca, sa, na)} RENAME TO {name(tmp)}", None), (f"ALTER TABLE {q(cb, sb, nb)} RENAME TO {name(na)}", None),
             (f"ALTER TABLE {q(ca, sa, tmp)} RENAME TO {name(nb)}", None)]
    ddl(cur, moves)          # comments live in another attached database: a DuckDB transaction writes to one only
    for old, new in ((na, tmp), (nb, na), (tmp, nb)):
        con.execute(f"UPDATE {ext} SET ext_table_name = ? WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?", [new, ca, sa, old])
    return plain_step(cur, parse_one("SELECT 'Statement executed successfully.' AS status"))


def copy_of(cur, new, old, rows, replace, exists):
    row = cur._duck_conn.execute("SELECT sql FROM duckdb_tables() WHERE database_name = ? AND schema_name = ? AND table_name = ?", where(cur, old)).fetchone()
    if row is None: raise ProgrammingError(msg=f"Object '{old.name}' does not exist or not authorized.", errno=2003, sqlstate="42S02")
    body = row[0][row[0].index("("):]
    head = f"CREATE {'OR REPLACE ' if replace else ''}TABLE {'IF NOT EXISTS ' if exists else ''}{quoted(new)}"
    return ddl(cur, [(head + body, None)] + ([(f"INSERT INTO {quoted(new)} SELECT * FROM {quoted(old)}", None)] if rows else []))


def merge(cur, m, params):
    con = cur._duck_conn
    whens = getattr(m.args["whens"], "expressions", m.args["whens"])
    updates = [w for w in whens if w.args.get("matched") and isinstance(w.args.get("then"), exp.Update)]
    for w in updates:
        for s in w.args["then"].expressions: s.set("this", exp.column(s.this.this))      # DuckDB refuses SET t.x = ..
    own = not in_tx(cur._conn)
    if own: con.begin()
    if own and not cur._conn._autocommit: cur._conn._in_transaction, own = True, False
    try:
        bare = [w for w in updates if not w.find(exp.Placeholder)]
        if bare and not m.args["on"].find(exp.Placeholder) and (not params or m.args["using"].find(exp.Placeholder)):
            cond = " OR ".join("(%s)" % (w.args["condition"].sql("duckdb") if w.args.get("condition") else "TRUE") for w in bare)
            n = len(list(m.args["using"].find_all(exp.Placeholder)))
            dup = con.execute(f"SELECT 1 FROM {m.this.sql('duckdb')} JOIN {m.args['using'].sql('duckdb')} ON {m.args['on'].sql('duckdb')} WHERE {cond} "
                              f"GROUP BY {m.this.alias_or_name}.rowid HAVING count(*) > 1 LIMIT 1", params[:n] if params else None).fetchone()
            if dup: raise ProgrammingError(msg="Duplicate row detected during DML action", errno=100090, sqlstate="42P18")
        done = [r[0] for r in con.execute(m.sql("duckdb") + " RETURNING merge_action", params).fetchall()]
        if own: con.commit()
    except BaseException:
        if own: con.rollback()
        raise
    kinds = {"inserted": "INSERT", "updated": "UPDATE", "deleted": "DELETE"}
    text = " ".join(w.sql("duckdb").upper() for w in whens)
    cols = [f"{done.count(k)} AS \"number of rows {n}\"" for n, k in kinds.items() if f"THEN {k}" in text]
    counts = parse_one("SELECT " + ", ".join(cols), read="duckdb"); counts.set("merge_counts", True)
    return plain_step(cur, counts)


def own_tables(conn, e):
    """Temporary tables have a schema in Snowflake and are the session's all the same; DuckDB's have no schema but its own."""
    temps = conn.__dict__.setdefault("_temps", set())
    if isinstance(e, exp.Create) and e.find(exp.TemporaryProperty):
        temps.add((e.find(exp.Table)).name)
    for t in e.find_all(exp.Table):
        if t.name in temps: t.set("catalog", exp.to_identifier("temp", quoted=True)); t.set("db", exp.to_identifier("main", quoted=True))
    if isinstance(e, exp.Drop) and e.find(exp.Table): temps.discard(e.find(exp.Table).name)


def signed(e):
    """HASH is a signed number of 64 bits in Snowflake and an unsigned one in DuckDB, which the driver can't read."""
    if isinstance(e, exp.Anonymous) and e.name.upper() == "HASH" and not isinstance(e.parent, exp.BitwiseRightShift):
        return parse_one("CAST(x >> 1 AS BIGINT)", read="duckdb").transform(lambda n: e.copy() if isinstance(n, exp.Column) else n)
    return e


def step(cur, e, params=None):
    conn = cur._conn
    own_tables(conn, e)
    e = e.transform(signed)
    if isinstance(e, exp.Commit) and getattr(conn, "_failed", False):
        conn._failed = conn._begun = conn._in_transaction = False; cur._duck_conn.rollback()
        raise ProgrammingError(msg="fakesnow: an earlier statement of this transaction failed; Snowflake would commit the others, DuckDB cannot", errno=9998, sqlstate="25P02")
    if isinstance(e, exp.Transaction) and in_tx(conn): return plain_step(cur, parse_one("SELECT 'Statement executed successfully.' AS status"))
    try:
        if isinstance(e, exp.Merge): return merge(cur, e, params)
        if isinstance(e, (exp.Create, exp.Drop, exp.Alter)) or e.args.get("table_comment"):
            if in_tx(conn): cur._duck_conn.commit(); conn._begun = conn._in_transaction = False
        if isinstance(e, exp.Transaction): conn._begun = True
        if isinstance(e, (exp.Commit, exp.Rollback)): conn._begun = conn._failed = False
        return plain_step(cur, e, params)
    except Exception as x:
        if isinstance(e, exp.Create) and e.find(exp.TemporaryProperty) and "_fs_load_history" in str(x):
            return plain_step(cur, parse_one("SELECT 'Table successfully created.' AS status"))  # made; fakesnow then looks for its own tables beside it
        if in_tx(conn) and not isinstance(e, (exp.Create, exp.Drop, exp.Alter)) and not (isinstance(x, ProgrammingError) and x.errno == 100090): conn._failed = True
        if isinstance(x, duckdb.ConstraintException): raise ProgrammingError(msg=str(x).split("\n")[0], errno=100072, sqlstate="22000") from x
        if isinstance(x, duckdb.TransactionException): raise ProgrammingError(msg=str(x).split("\n")[0], errno=625, sqlstate="57014") from x
        if isinstance(x, duckdb.Error): raise ProgrammingError(msg=str(x).split("\n")[0], errno=904, sqlstate="42000") from x
        raise


def execute(cur, command, params=None, *args, **kw):
    bound = kw.get("binding_params")
    if isinstance(bound, tuple) and getattr(cur, "_batch", None) == command:              # row 2..n of an array bind: same plan
        cur._duck_conn.execute(cur._last_plain, list(bound)); cur._rowcount = 1
        return cur
    text = command
    command = re.sub(r"(?i)\s+copy\s+grants\b", " ", command) if re.match(r"(?i)\s*create\s", command) else command
    command = re.sub(r"(?i)\blast_query_id\(\s*\)", lambda _: "'%s'" % getattr(cur._conn, "_last_id", ""), command)
    command = re.sub(r"(?i)\bcurrent_transaction\(\s*\)", lambda _: "'1'" if in_tx(cur._conn) else "NULL", command)
    for w, v in WORDS.items(): command = re.sub(rf"(?i)\b{w}\(\s*\)", v, command)
    if m := re.match(r"(?i)\s*show\s+(grants|streams)\b", command):
        command = "SELECT " + ", ".join(f"''::varchar AS \"{c}\"" for c in EMPTY[m[1].lower()].split(",")) + " WHERE 1 = 0"
    try: e = fc.parse_one(command)
    except ProgrammingError: e = None
    up = lambda t: t.transform(tr.upper_case_unquoted_identifiers, copy=True)
    try:
        if isinstance(e, exp.Alter) and (s := e.find(exp.SwapTable)): return swap(cur, up(e.this), up(s.this)) or cur
        if isinstance(e, exp.Create) and e.kind == "TABLE" and ((c := e.args.get("clone")) or (l := e.find(exp.LikeProperty))):
            src = c.this if c else l.this
            return copy_of(cur, up(e.this), up(src), bool(c), e.args.get("replace"), e.args.get("exists")) or cur
    except duckdb.Error as x:
        raise ProgrammingError(msg=str(x).split("\n")[0], errno=2003, sqlstate="42S02") from x
    out = plain_execute(cur, command, params, *args, **kw)
    cur._conn._last_id = cur._sfqid
    if isinstance(e, exp.Insert) and bound and isinstance(e.expression, exp.Values): cur._batch, cur._last_plain = text, cur._last_transformed.sql("duckdb")
    return out


def main():
    a = argparse.ArgumentParser(); a.add_argument("--db-path"); a = a.parse_args()
    server.from_binding, Cursor.execute, Cursor._execute, tr.merge = bind, execute, step, lambda e: [e]
    tr.numeric_agg_implicit_cast = lambda e: e                                            # it turns SUM of a NUMBER into a DOUBLE
    server.shared_fs = FakeSnow(db_path=a.db_path, nop_regexes=NOP)
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY only if it sees the protocol: else 40 ms a call
    sock.bind(("127.0.0.1", 0))
    u = uvicorn.Server(uvicorn.Config(server.app, log_level="warning"))
    threading.Thread(target=u.run, kwargs={"sockets": [sock]}, daemon=True).start()
    while not u.started: time.sleep(0.02)
    print("READY", sock.getsockname()[1], flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__": main()

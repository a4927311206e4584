"""Parses every statement of the tapes as Snowflake's SQL: lint.py TAPE.. prints what does not parse, one line each.

sqlglot turns what it does not know into an opaque command, so that a typo may pass as one. Commands pass only where the whole
statement is of a form that was compared with Snowflake's documentation.
"""
import json
import logging
import re
import sys

import sqlglot
from sqlglot import exp

KNOWN = [
    # https://docs.snowflake.com/en/sql-reference/sql/alter-session
    r"alter session set [A-Z_]+ = ('[^']*'|true|false|\d+)",
]


def complaint(sql):
    try:
        parsed = sqlglot.parse(sql, read="snowflake")
    except sqlglot.errors.SqlglotError as e:
        return str(e).splitlines()[0]
    if len(parsed) != 1 or parsed[0] is None:
        return "not one statement"
    opaque = any(isinstance(node, exp.Command) for node in parsed[0].walk())
    if opaque and not any(re.fullmatch(form, sql) for form in KNOWN):
        return "an unknown command"
    return None


def main():
    logging.disable(logging.WARNING)
    seen = {}
    for tape in sys.argv[1:]:
        with open(tape, encoding="utf-8") as file:
            for step in json.load(file):
                sql = step["sql"].removeprefix("describe: ")
                if sql not in ("commit", "rollback"):
                    seen.setdefault(sql, tape)
    complaints = [(tape, sql, complaint(sql)) for sql, tape in seen.items()]
    for tape, sql, why in complaints:
        if why:
            print(f"{tape}: {why}: {sql[:200]}")
    print(f"{len(seen)} statements parsed")
    return 1 if any(why for _, _, why in complaints) else 0


if __name__ == "__main__":
    sys.exit(main())

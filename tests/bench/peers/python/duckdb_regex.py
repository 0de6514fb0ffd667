"""DuckDB and a pattern for E.164: it knows no country. One thread, as everybody has here."""

import sys
import time

import duckdb
from tally import say

start = time.perf_counter()
database = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
database.execute(
    """
    create temp table judged as
    select row_number() over () as row, number, permission,
           coalesce(regexp_full_match(number, '\\+[1-9][0-9]{9,14}'), false) as valid,
           coalesce(permission in ('1', '2'), false) as permitted
    from (
        select regexp_replace(regexp_replace(wpNumber, '[ ()-]', '', 'g'), '^00', '+') as number, permission
        from read_csv(?, all_varchar = true, header = true)
    )
    """,
    [sys.argv[1]],
)
rows, valid, opt_in, repeated = database.execute(
    """
    select count(*), count(*) filter (valid), count(*) filter (permission = '1'),
           count(*) filter (valid and permitted) - (
               select count(*) filter (first_is_permitted)
               from (select arg_min(permitted, row) as first_is_permitted from judged where valid group by number)
           )
    from judged
    """
).fetchone()
number_faults = database.execute("select row from judged where not valid").fetchall()
permission_faults = database.execute("select row from judged where not permitted").fetchall()
say(
    start,
    rows=rows,
    valid=valid,
    repeated=repeated,
    opt_in=opt_in,
    number_faults=len(number_faults),
    permission_faults=len(permission_faults),
)

"""A pandera schema over pandas: a pattern for E.164, which knows no country, and the permissions allowed."""

import sys
import time

import pandas
import pandera.pandas as pa
from tally import say

SCHEMA = pa.DataFrameSchema(
    {
        "wpNumber": pa.Column(str, pa.Check.str_matches(r"^\+[1-9][0-9]{9,14}$")),
        "permission": pa.Column(str, pa.Check.isin(["1", "2"])),
    }
)

start = time.perf_counter()
frame = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
digits = frame["wpNumber"].str.replace(r"[ ()-]", "", regex=True).str.replace(r"^00", "+", regex=True)
frame["wpNumber"] = digits
try:
    SCHEMA.validate(frame, lazy=True)
    wrong = {"wpNumber": frame.index[:0], "permission": frame.index[:0]}
except pa.errors.SchemaErrors as errors:
    cases = errors.failure_cases
    wrong = {name: pandas.Index(cases.loc[cases["column"] == name, "index"].astype(int)) for name in SCHEMA.columns}
again = frame["wpNumber"].drop(wrong["wpNumber"]).duplicated()
say(
    start,
    rows=len(frame),
    valid=len(frame) - len(wrong["wpNumber"]),
    repeated=int(again.drop(wrong["permission"], errors="ignore").sum()),
    opt_in=int((frame["permission"] == "1").sum()),
    number_faults=len(wrong["wpNumber"]),
    permission_faults=len(wrong["permission"]),
)

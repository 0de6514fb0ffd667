"""pandas and phonenumbers: the frame reads, counts and finds repeats, the port judges. Clock as in the others."""

import sys
import time

import pandas
import phonenumbers
from tally import number_of, say

start = time.perf_counter()
frame = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
number = frame["wpNumber"].map(lambda cell: number_of(phonenumbers, cell))
valid = number.notna()
permitted = frame["permission"].isin(["1", "2"])
again = number[valid].duplicated()
faults = pandas.concat(
    [
        pandas.DataFrame({"row": frame.index[~valid] + 1, "column": "wpNumber"}),
        pandas.DataFrame({"row": frame.index[~permitted] + 1, "column": "permission"}),
    ]
).sort_values("row", kind="stable")
say(
    start,
    rows=len(frame),
    valid=int(valid.sum()),
    repeated=int((again & permitted[valid]).sum()),
    opt_in=int((frame["permission"] == "1").sum()),
    number_faults=int((faults["column"] == "wpNumber").sum()),
    permission_faults=int((faults["column"] == "permission").sum()),
)

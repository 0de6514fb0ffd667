"""Python's csv and phonenumbers. The clock starts once they are loaded."""

import csv
import sys

import phonenumbers
from tally import NUMBER_COLUMN, PERMISSION_COLUMN, Tally, number_of

tally = Tally()
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    reader = csv.reader(file)
    next(reader)
    for cells in reader:
        tally.row(number_of(phonenumbers, cells[NUMBER_COLUMN]), cells[PERMISSION_COLUMN])
tally.answer()

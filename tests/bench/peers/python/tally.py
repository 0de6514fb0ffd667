"""The job every peer does, so that only what reads and what judges differs between them."""

import json
import time

NUMBER_COLUMN = 3
PERMISSION_COLUMN = 4


class Tally:
    """Takes rows and makes the report on them."""

    def __init__(self):
        self.start = time.perf_counter()
        self.rows = self.valid = self.repeated = self.opt_in = 0
        self.faults = []
        self.seen = set()

    def row(self, number, permission):
        """One row: its number as something that can be compared when it is valid, else None; its permission cell."""
        self.rows += 1
        permitted = permission in ("1", "2")
        if number is None:
            self.faults.append((self.rows, NUMBER_COLUMN, "number"))
        else:
            self.valid += 1
            if number not in self.seen:
                self.seen.add(number)
            elif permitted:
                self.repeated += 1
        if permission == "1":
            self.opt_in += 1
        elif not permitted:
            self.faults.append((self.rows, PERMISSION_COLUMN, "permission"))

    def answer(self):
        """Prints what the bench reads."""
        kinds = [kind for _, _, kind in self.faults]
        say(
            self.start,
            rows=self.rows,
            valid=self.valid,
            repeated=self.repeated,
            opt_in=self.opt_in,
            number_faults=kinds.count("number"),
            permission_faults=kinds.count("permission"),
        )


def say(start, **counts):
    """Prints what the bench reads."""
    print(json.dumps({**counts, "seconds": time.perf_counter() - start}, separators=(",", ":")))


def number_of(phonenumbers, cell):
    """The valid number in a cell, by libphonenumber's Python port. `00` is read as `+`."""
    try:
        number = phonenumbers.parse(f"+{cell[2:]}" if cell.startswith("00") else cell)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return number.country_code, number.national_number, number.italian_leading_zero

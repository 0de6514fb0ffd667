"""Numbers on which phone number code goes wrong, with libphonenumber's answers. See README.md beside this file."""

import argparse
import random
import sys

try:
    from re import _parser as sre_parser
except ImportError:  # Python 3.10 and older
    import sre_parse as sre_parser

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

REASONS = phonenumbers.ValidationResult
REASON_NAMES = {getattr(REASONS, name): name for name in vars(REASONS) if name.isupper()}
TYPE_NAMES = {getattr(PhoneNumberType, name): name for name in vars(PhoneNumberType) if name.isupper()}
ERROR_NAMES = {
    getattr(phonenumbers.NumberParseException, name): name
    for name in vars(phonenumbers.NumberParseException)
    if name.isupper()
}
DESCRIPTORS = (
    "fixed_line mobile toll_free premium_rate shared_cost personal_number voip pager uan voicemail".split()
)
# More than anybody parses; past it only the refusal could differ.
DIGITS_MAX = 30


def answer(text):
    """One line of the oracle for `+digits` or `XX:digits`."""
    region, _, digits = text.rpartition(":")
    try:
        number = phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException as error:
        return f"{text}\t!{ERROR_NAMES[error.error_type]}\t\t\t\t"
    return "\t".join(
        (
            text,
            REASON_NAMES[phonenumbers.is_possible_number_with_reason(number)],
            "1" if phonenumbers.is_valid_number(number) else "0",
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
            phonenumbers.region_code_for_number(number) or "",
            TYPE_NAMES[phonenumbers.number_type(number)],
        )
    )


def draw(tree, rng):
    """A random text that a parsed regular expression over digits matches."""
    text = ""
    for op, arg in tree:
        name = str(op)
        if name == "LITERAL":
            text += chr(arg)
        elif name == "IN":
            text += rng.choice(members(arg))
        elif name == "MAX_REPEAT":
            low, high, inner = arg
            text += "".join(draw(inner, rng) for _ in range(rng.randint(low, high)))
        elif name == "SUBPATTERN":
            text += draw(arg[-1], rng)
        elif name == "BRANCH":
            text += draw(rng.choice(arg[1]), rng)
        elif name != "AT":
            raise ValueError(name)
    return text


def members(items):
    """The digits of a character class."""
    found = []
    for op, arg in items:
        name = str(op)
        if name == "LITERAL":
            found.append(chr(arg))
        elif name == "RANGE":
            found.extend(chr(code) for code in range(arg[0], arg[1] + 1))
        elif name == "CATEGORY":
            found.extend("0123456789")
        else:
            raise ValueError(name)
    return found


def plans_of(code):
    """The metadata of a calling code, main region first."""
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    return [PhoneMetadata.metadata_for_region_or_calling_code(code, region) for region in regions]


def descriptors(plan):
    found = [plan.general_desc] + [getattr(plan, name) for name in DESCRIPTORS]
    return [desc for desc in found if desc is not None and desc.national_number_pattern]


def tail(rng, length):
    return "".join(rng.choice("0123456789") for _ in range(max(length, 0)))


def mutations(national, rng):
    """Every length the number can be cut to or grow to by three, and one change of each digit."""
    for end in range(1, len(national) + 1):
        yield national[:end]
    for grown in range(1, 4):
        yield national + tail(rng, grown)
    for at in range(len(national)):
        yield national[:at] + rng.choice("0123456789") + national[at + 1 :]
        yield national[:at] + national[at + 1 :]
        yield national[:at] + rng.choice("0123456789") + national[at:]


def nationals(plan, rng, samples):
    """National numbers of one plan: drawn from each pattern, with mutations of some, and with prefixes."""
    prefixes = ["0", "1", "8", "00", "01"]
    if plan.national_prefix_for_parsing:
        tree = sre_parser.parse(plan.national_prefix_for_parsing)
        prefixes += [draw(tree, rng) for _ in range(samples // 4)]
    for desc in descriptors(plan):
        tree = sre_parser.parse(desc.national_number_pattern)
        drawn = [draw(tree, rng) for _ in range(samples)]
        if desc.example_number:
            drawn.insert(0, desc.example_number)
        for at, national in enumerate(drawn):
            yield national
            yield rng.choice(prefixes) + national
            yield national + tail(rng, 1)
            yield national[:-1]
            if at < samples // 10:
                yield from mutations(national, rng)
                for prefix in prefixes:
                    yield prefix + national
    if plan.leading_digits:
        tree = sre_parser.parse(plan.leading_digits)
        for _ in range(samples):
            leading = draw(tree, rng)
            yield leading + tail(rng, rng.randint(6, 11) - len(leading))


def branches(plan, rng):
    """Every beginning of three digits at every length near a possible one, and of four digits at one of them."""
    lengths = set(plan.general_desc.possible_length) | set(plan.general_desc.possible_length_local_only)
    near = sorted({length + step for length in lengths for step in (-1, 0, 1)})
    for beginning in range(1000):
        for length in near:
            yield f"{beginning:03}" + tail(rng, length - 3)
    for beginning in range(10000):
        yield f"{beginning:04}" + tail(rng, rng.choice(sorted(lengths)) - 4)


def dialled(plan, rng, samples):
    """Digits as they are dialled in a region: national, with its calling code, with its international prefix."""
    idd = sre_parser.parse(plan.international_prefix) if plan.international_prefix else None
    codes = list(COUNTRY_CODE_TO_REGION_CODE)
    for national in nationals(plan, rng, samples):
        yield national
        kind = rng.random()
        if kind < 0.3:
            yield f"{plan.country_code}{national}"
        elif kind < 0.4 and idd:
            yield f"{draw(idd, rng)}{rng.choice([plan.country_code, rng.choice(codes)])}{national}"
        elif kind < 0.45:
            yield tail(rng, rng.randint(1, 16))


def numbers(only, seed, samples):
    """All inputs, calling code by calling code."""
    for code in range(0, 1000):
        rng = random.Random(f"{seed}/{code}")
        if only and code not in only:
            continue
        if code not in COUNTRY_CODE_TO_REGION_CODE:
            yield from (f"+{code}{tail(rng, length)}" for length in range(0, 16))
            continue
        plans = plans_of(code)
        for plan in plans:
            yield from (f"+{code}{national}" for national in nationals(plan, rng, samples))
            if plan.id != "001":
                yield from (f"{plan.id}:{digits}" for digits in dialled(plan, rng, samples // 2))
        yield from (f"+{code}{national}" for national in branches(plans[0], rng))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="calling codes, separated by commas")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--samples", type=int, default=120, help="numbers drawn from each pattern")
    options = parser.parse_args()
    only = {int(code) for code in options.only.split(",")} if options.only else None
    seen = set()
    for text in numbers(only, options.seed, options.samples):
        if text in seen or len(text) > DIGITS_MAX:
            continue
        seen.add(text)
        sys.stdout.write(answer(text) + "\n")


if __name__ == "__main__":
    main()

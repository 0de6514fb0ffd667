"""Writes plans.txt beside this file: what the build needs of libphonenumber's metadata. See README.md.

The metadata is read from libphonenumber's own PhoneNumberMetadata.xml, or from its Python port where no file is
given; both come to the same plans. What libphonenumber's build derives from its XML is derived here, so that core/build
need not know where the plans come from. What stood in plans.txt before is compared, to say what changed, and nothing
else.
"""

import argparse
import pathlib
import re
import sys
from xml.etree import ElementTree

PLANS = pathlib.Path(__file__).with_name("plans.txt")
HEAD = """\
# Numbering plans of libphonenumber {version}, written by `cargo xtask metadata`; README.md says what the lines mean.
# Copyright The Libphonenumber Authors, Apache License 2.0.
version {version}
"""
# What is printed of one change, old and new together.
SHOWN_CHARACTERS_MAX = 60
# Our names, the port's and the XML's.
KINDS = {
    "fixed-line": ("fixed_line", "fixedLine"),
    "mobile": ("mobile", "mobile"),
    "toll-free": ("toll_free", "tollFree"),
    "premium-rate": ("premium_rate", "premiumRate"),
    "shared-cost": ("shared_cost", "sharedCost"),
    "voip": ("voip", "voip"),
    "personal-number": ("personal_number", "personalNumber"),
    "pager": ("pager", "pager"),
    "uan": ("uan", "uan"),
    "voicemail": ("voicemail", "voicemail"),
}


def from_port(release):
    """Every plan of the installed port, as (calling code, lines)."""
    import phonenumbers
    from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

    if phonenumbers.__version__ != release:
        sys.exit(f"the port is of {phonenumbers.__version__}, not of {release}")
    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        for region in regions:
            plan = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            # The port leaves out the lengths of a kind that are those of the whole plan.
            whole = plan.general_desc
            kinds = []
            for kind, (name, _) in KINDS.items():
                desc = getattr(plan, name)
                if desc is not None and desc.national_number_pattern not in (None, "NA"):
                    lengths = desc.possible_length or whole.possible_length
                    kinds.append((kind, lengths, desc.national_number_pattern))
            yield code, lines(
                plan.id,
                code,
                idd=plan.international_prefix,
                prefix=plan.national_prefix_for_parsing,
                transform=(plan.national_prefix_transform_rule or "").replace("\\", "$"),
                leading=plan.leading_digits,
                lengths=whole.possible_length,
                local=whole.possible_length_local_only,
                general=whole.national_number_pattern,
                kinds=kinds,
            )


def from_xml(file):
    """Every plan of the XML, as (calling code, lines)."""
    found = []
    for territory in ElementTree.parse(file).getroot().iter("territory"):
        # What the whole plan can have is what its kinds can have; a length of any kind is not local only.
        lengths, local, kinds = set(), set(), []
        for kind, (_, name) in KINDS.items():
            desc = territory.find(name)
            if desc is None:
                continue
            possible = desc.find("possibleLengths")
            if possible is None:
                sys.exit(f"{file}: {territory.get('id')} does not say how long its {name} numbers can be")
            national = spread(possible.get("national"))
            lengths |= national
            local |= spread(possible.get("localOnly", ""))
            kinds.append((kind, national, desc.findtext("nationalNumberPattern")))
        code = int(territory.get("countryCode"))
        plan = lines(
            territory.get("id"),
            code,
            idd=territory.get("internationalPrefix"),
            prefix=territory.get("nationalPrefixForParsing") or territory.get("nationalPrefix"),
            transform=territory.get("nationalPrefixTransformRule"),
            leading=territory.get("leadingDigits"),
            lengths=lengths,
            local=local - lengths,
            general=territory.findtext("generalDesc/nationalNumberPattern"),
            kinds=kinds,
        )
        main = territory.get("mainCountryForCode") == "true"
        found.append((code, not main, plan))
    # The main region of a calling code comes first, the others in the order of the file.
    found.sort(key=lambda plan: plan[:2])
    return [(code, plan) for code, _, plan in found]


def spread(lengths):
    """`[5-7],9` as a set of numbers. National numbers of no digits (`-1`) do not exist."""
    found = set()
    for part in filter(None, re.sub(r"[\s\[\]]", "", lengths).split(",")):
        if part == "-1":
            continue
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def lines(region, code, *, idd, prefix, transform, leading, lengths, local, general, kinds):
    """One plan as it is written. Everything that is not there has no line."""
    written = [f"plan {region} {code}"]
    texts = {"idd": idd, "prefix": prefix, "transform": transform, "leading": leading}
    written += [f"{word} {dense(text)}" for word, text in texts.items() if text]
    written.append(f"lengths {listed(lengths)}")
    if local:
        written.append(f"local {listed(local)}")
    written.append(f"general {dense(general)}")
    written += [f"{kind} {listed(of)} {dense(pattern)}" for kind, of, pattern in kinds]
    return written


def listed(lengths):
    return ",".join(str(length) for length in sorted(lengths))


def dense(pattern):
    """The XML breaks long patterns over lines."""
    return re.sub(r"\s", "", pattern)


def stanzas(text):
    """plans.txt as plan → word → rest of its line, and the version."""
    version, found = "none", {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "version":
            version = rest
        elif word == "plan":
            plan = found.setdefault(rest, {})
        elif word and word != "#":
            plan[word] = rest
    return version, found


def changes(before, after):
    """One line for each plan that is not what it was."""
    for plan in sorted(before.keys() | after.keys()):
        old, new = before.get(plan), after.get(plan)
        if old is None or new is None:
            yield f"{plan}: {'removed' if new is None else 'added'}"
        elif old != new:
            words = [word for word in {**old, **new} if old.get(word) != new.get(word)]
            yield f"{plan}: " + ", ".join(changed(word, old.get(word), new.get(word)) for word in words)


def changed(word, old, new):
    if old is None or new is None:
        return f"{word} {'removed' if new is None else 'added'}"
    if len(old) + len(new) > SHOWN_CHARACTERS_MAX:
        # The diff of plans.txt has the patterns. Lengths are short, and most telling.
        old, new = (text.split(" ")[0] if word in KINDS else "" for text in (old, new))
    return f"{word} {old} → {new}" if old != new else word


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release", help="the release of libphonenumber that the metadata is of")
    parser.add_argument("xml", nargs="?", help="its PhoneNumberMetadata.xml; without it, the port is read")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if plans.txt would change")
    options = parser.parse_args()
    plans = from_port(options.release) if options.xml is None else from_xml(options.xml)
    text = HEAD.format(version=options.release)
    text += "".join("\n" + "\n".join(plan) + "\n" for _, plan in plans)
    standing = PLANS.read_text(encoding="utf-8") if PLANS.exists() else ""
    was, before = stanzas(standing)
    _, after = stanzas(text)
    differing = list(changes(before, after))
    for line in differing:
        print(line)
    print(f"{was} → {options.release}: {len(differing)} of {len(after)} plans changed")
    if options.check:
        sys.exit(None if text == standing else "plans.txt is not what this release says")
    PLANS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

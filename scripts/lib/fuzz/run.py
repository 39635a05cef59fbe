"""Runs schemathesis over the three documents of a running server, once for each role. Called by scripts/fuzz.

Ends with 1 if anything was found. What the server has is asked of it first, so that ids in requests are often real.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import time

from house import House

HERE = pathlib.Path(__file__).parent

# What a run does not call, and why. Everything else is called.
LEFT_OUT = {
    "sign_out": "ends the session the run is made with; tests/http/sign_in.rs covers it",
    "change_password": "ends the session the run is made with; tests/http/sign_in.rs covers it",
}

# Whoever does the most harm comes last, so that the others find the brand whole: the owner closes units, kills
# templates, revokes keys and gives staff new passwords.
ROLES = (
    ("open", "integration"),
    ("app", "customer"),
    ("admin", "clerk"),
    ("admin", "owner"),
)

# A member of a body is one of those this often; a parameter of a path, which is of no use otherwise, more often.
OFTEN = 0.5
ALMOST_ALWAYS = 0.8


def main():
    ask = arguments()
    house = House(ask.base)
    house.owner = house.sign_in("admin/v1/session", login="owner", password=ask.owner_password)
    tokens = {
        "owner": house.owner,
        "clerk": house.sign_in("admin/v1/session", login="clerk-gz-tianhe", password=ask.staff_password),
        "customer": house.sign_in("app/v1/sessions", provider="dev", phone=ask.customer),
        "integration": house.make_key(),
    }
    ask.folder.mkdir(parents=True, exist_ok=True)
    house.make_receiver()
    known = house.what_there_is(tokens["customer"])
    known["phone"] = [ask.customer]
    named = {name: values for name, values in known.items() if name.endswith("_id") or name in ("code", "phone")}
    named["places_of"] = house.places_of(known)
    config = ask.folder / "schemathesis.toml"
    config.write_text(settings(known, ask), encoding="utf-8")
    found, table = [], {}
    for audience, role in ROLES:
        permitted = house.permitted(audience, tokens[role])
        stores = {"store_id": house.places(tokens[role])} if role == "clerk" else {}
        (ask.folder / "known.json").write_text(json.dumps(named | stores), encoding="utf-8")
        status, seen, seconds = fuzz(ask, config, (audience, role), (tokens[role], permitted))
        table[audience, role] = seen
        if status != 0:
            found.append(f"{audience} as {role}")
        if not house.knows(audience, tokens[role]):
            found.append(f"{audience} as {role}: the credential was lost on the way, what follows it means nothing")
        print(line(audience, role, seen, seconds), flush=True)
    write_table(ask.folder / "coverage.md", table)
    print(f"  operations by status: {ask.folder / 'coverage.md'}")
    for what in found:
        print(f"  FOUND: {what}; see above and {ask.folder}")
    return 1 if found else 0


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("base", "owner-password", "staff-password", "customer"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--systematic", choices=("all", "positive"), required=True)
    parser.add_argument("--examples", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    return parser.parse_args()


def settings(known, ask):
    """The file schemathesis is told by."""
    lines = [
        f'hooks = "{HERE / "hooks.py"}"',
        f"seed = {ask.seed}",
        "continue-on-failure = true",
        # What is missing at random is said by the table below.
        "warnings = false",
        "[generation]",
        f"max-examples = {ask.examples}",
        'database = "none"',
        "[cache]",
        "enabled = false",
        "[phases.coverage]",
        'unexpected-methods = ["TRACE", "PUT", "DELETE", "POST"]',
        "[phases.coverage.generation]",
        f'mode = "{ask.systematic}"',
        "[checks.negative_data_rejection]",
        'expected-statuses = ["4xx"]',
        # What a document cannot say is refused with 422; anything else must be accepted, or be about what there is.
        "[checks.positive_data_acceptance]",
        'expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429]',
        # Any text is a file of codes: what is wrong with it is told line by line.
        "[[operations]]",
        'include-operation-id = "import_codes"',
        "[operations.checks.negative_data_rejection]",
        "enabled = false",
        # It takes the same body as create_offer: five thousand requests that each break one rule of it are enough once.
        "[[operations]]",
        'include-operation-id = "edit_offer"',
        "[operations.phases.coverage.generation]",
        'mode = "positive"',
        # A list, or a document with what was deleted in it, is still there after DELETE.
        "[checks.use_after_free]",
        "enabled = false",
        "[checks.ensure_resource_availability]",
        "enabled = false",
        "[dictionaries]",
    ]
    lines += [f"{name} = {{ values = {json.dumps(values, ensure_ascii=False)} }}" for name, values in known.items()]
    lines.append("[parameters]")
    for name in known:
        for place, often in (("path", ALMOST_ALWAYS), ("query", OFTEN), ("body", OFTEN)):
            if place == "query" and name == "version":
                continue
            lines.append(f'"{place}.{name}" = {{ dictionary = "{name}", probability = {often} }}')
    return "\n".join(lines) + "\n"


def fuzz(ask, config, place, credential):
    """One run: its exit status, what was seen, and how long it took."""
    (audience, role), (token, permitted) = place, credential
    counts = ask.folder / f"{audience}-{role}.json"
    report = ask.folder / f"{audience}-{role}.txt"
    counts.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(config),
        "run", f"{ask.base}/openapi/{audience}.json",
        "--header", f"Authorization: Bearer {token}",
        "--phases", "examples,coverage,fuzzing",
        "--no-color",
    ]  # fmt: skip
    for identity in permitted:
        if identity not in LEFT_OUT:
            command += ["--include-operation-id", identity]
    started = time.monotonic()
    with report.open("w", encoding="utf-8") as out:
        files = {"HUIKE_FUZZ_SEEN": str(counts), "HUIKE_FUZZ_KNOWN": str(ask.folder / "known.json")}
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=os.environ | files, check=False)
    if done.returncode != 0:
        print(report.read_text(encoding="utf-8"))
    seen = json.loads(counts.read_text(encoding="utf-8")) if counts.exists() else {}
    return done.returncode, seen, time.monotonic() - started


def by_operation(seen):
    """The counts as operation -> status -> how often."""
    table = collections.defaultdict(collections.Counter)
    for pair, times in seen.items():
        identity, status = pair.rsplit(" ", 1)
        table[identity][status] += times
    return table


def line(audience, role, seen, seconds):
    table = by_operation(seen)
    statuses = collections.Counter()
    for counts in table.values():
        statuses.update(counts)
    identities = [identity for identity in table if not identity.startswith("(")]
    accepted = [identity for identity in identities if any(status.startswith("2") for status in table[identity])]
    shown = " ".join(f"{status}:{times}" for status, times in sorted(statuses.items()))
    return (
        f"  {audience:<5} as {role:<11} {len(identities)} operations, {len(accepted)} of them accepted something, "
        f"{sum(statuses.values())} requests in {seconds:.0f} s: {shown}"
    )


def write_table(file, tables):
    lines = ["# Operations by status", "", "| audience | role | operation | answers |", "|---|---|---|---|"]
    for (audience, role), seen in tables.items():
        for identity, counts in sorted(by_operation(seen).items()):
            shown = ", ".join(f"{status} × {times}" for status, times in sorted(counts.items()))
            lines.append(f"| {audience} | {role} | {identity} | {shown} |")
    lines += ["", "Left out:", ""]
    lines += [f"- `{identity}`: {why}" for identity, why in LEFT_OUT.items()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

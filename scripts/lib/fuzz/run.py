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

import requests

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

# Nobody but the owner may do most things. What a role may not do is refused before anything is read; the tests in
# tests/http/laws/matrix hold every role to that, so a run leaves it out.
OPEN_TO_ALL = {"none", "signed_in", "customer", "any_key"}

# Parameters and members that name something, and where the server lists such things.
LISTS = {
    "node_id": ("nodes", "id"),
    "site_id": ("nodes", "id"),
    "parent_id": ("nodes", "id"),
    "store_id": ("nodes?kind=store", "id"),
    "template_id": ("coupon-templates", "id"),
    "customer_id": ("customers", "id"),
    "staff_id": ("staff?role=clerk", "id"),
    "blueprint_id": ("blueprints", "id"),
    "batch_id": ("code-batches", "id"),
    "redemption_id": ("redemptions", "id"),
    "coupon_id": ("redemptions", "coupon_id"),
    "request_id": ("unredeem-requests", "id"),
    "local_day": ("store-days", "local_day"),
}
# Not listed anywhere, or not by whoever asks.
WORDS = {
    "key": ["brand_name", "slogan", "main_colour", "review_policy", "unredeem_window", "banner", "modules"],
    "role": ["clerk", "store_manager", "marketer"],
    "version": [1, 2, 3, 4],
}
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
    known = house.what_there_is(tokens["customer"])
    config = ask.folder / "schemathesis.toml"
    config.write_text(settings(known, ask), encoding="utf-8")
    found, table = [], {}
    for audience, role in ROLES:
        permitted = house.permitted(audience, tokens[role])
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
    parser.add_argument("--examples", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    return parser.parse_args()


class House:
    """The server, as its owner sees it."""

    def __init__(self, base):
        self.base = base
        self.owner = None

    def sign_in(self, path, **ask):
        answer = requests.post(f"{self.base}/{path}", json=ask, timeout=30)
        answer.raise_for_status()
        return answer.json()["token"]

    def make_key(self):
        """A key of an integration that may do whatever a key may do, in the whole brand."""
        document = requests.get(f"{self.base}/openapi/admin.json", timeout=30).json()
        scopes = document["components"]["schemas"]["IntegrationScope"]["enum"]
        head = self.get("admin/v1/nodes?kind=head").json()["items"][0]["id"]
        ask = {"site_id": head, "name": "fuzz", "scopes": scopes}
        answer = requests.post(f"{self.base}/admin/v1/api-keys", json=ask, headers=self.bearer(), timeout=30)
        answer.raise_for_status()
        return answer.json()["token"]

    def bearer(self, token=None):
        return {"Authorization": f"Bearer {token or self.owner}"}

    def get(self, path, token=None):
        answer = requests.get(f"{self.base}/{path}", headers=self.bearer(token), timeout=30)
        answer.raise_for_status()
        return answer

    def knows(self, audience, token):
        path = {"open": "open/v1/key", "app": "app/v1/me", "admin": "admin/v1/me"}[audience]
        try:
            return self.get(path, token).ok
        except requests.RequestException:
            return False

    def permitted(self, audience, token):
        """The ids of the operations that whoever holds the token may call."""
        held = set(OPEN_TO_ALL)
        if audience == "admin":
            held.update(self.get("admin/v1/me", token).json()["permissions"])
        document = requests.get(f"{self.base}/openapi/{audience}.json", timeout=30).json()
        operations = [operation for path in document["paths"].values() for operation in path.values()]
        return [
            operation["operationId"]
            for operation in operations
            if audience == "open" or operation["x-huike-permission"] in held
        ]

    def what_there_is(self, customer):
        """Values of parameters by name."""
        known = dict(WORDS)
        for name, (place, member) in LISTS.items():
            sign = "&" if "?" in place else "?"
            items = self.get(f"admin/v1/{place}{sign}limit=40").json()["items"]
            values = list(dict.fromkeys(item[member] for item in items))
            if values:
                known[name] = values
        channels = []
        for template in known["template_id"][:20]:
            items = self.get(f"admin/v1/coupon-templates/{template}/channels").json()["items"]
            channels += [item["id"] for item in items]
        known["channel_id"] = channels[:40]
        wallet = self.get("app/v1/coupons?limit=20", customer).json()["items"]
        coupons = [item["id"] for item in wallet]
        known["coupon_id"] = coupons + known["coupon_id"][:20]
        known["code"] = [self.get(f"app/v1/coupons/{coupon}", customer).json().get("code") for coupon in coupons[:10]]
        known["code"] = [code for code in known["code"] if code]
        for batch in known["batch_id"][:5]:
            lines = self.get(f"admin/v1/code-batches/{batch}/codes").text.splitlines()[1:9]
            known["code"] += [line.split(",")[0] for line in lines]
        return {name: values for name, values in known.items() if values}


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
        surroundings = {**os.environ, "HUIKE_FUZZ_SEEN": str(counts)}
        status = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=surroundings, check=False).returncode
    if status != 0:
        print(report.read_text(encoding="utf-8"))
    seen = json.loads(counts.read_text(encoding="utf-8")) if counts.exists() else {}
    return status, seen, time.monotonic() - started


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

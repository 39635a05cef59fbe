"""What schemathesis does not know of our answers, and a count of what it saw. Loaded by run.py."""

import atexit
import collections
import itertools
import json
import os
import re
import uuid

import schemathesis

# Words that only the inside of the house would write.
OURS = ("SELECT ", "INSERT ", "UPDATE ", "constraint", "diesel", "panicked", "sqlite", "postgres", "src/", "RUST_")

KEY = "Idempotency-Key"
HOST = re.compile(r"^(https?://)([^/?#@]*@)?[^/?#:]+", re.IGNORECASE)

# What an operation made is known to the requests that follow under this name.
MADE = {
    "create_api_key": "api_key_id",
    "create_blueprint": "blueprint_id",
    "create_code_batch": "batch_id",
    "create_node": "node_id",
    "create_template": "template_id",
    "create_webhook_endpoint": "endpoint_id",
    "add_note": "note_id",
    "open_channel": "channel_id",
    "redeem_coupon": "redemption_id",
    "replay_webhook_window": "replay_id",
    "request_late_undo": "request_id",
    "test_webhook_endpoint": "delivery_id",
}

# What ends something for good would soon leave nothing to call the others with.
ENDS = {"close_node", "end_template", "kill_template", "revoke_api_key", "remove_webhook_endpoint", "void_code_batch"}

# Ids, codes and phones that there are, by the name of the parameter or member that takes them.
with open(os.environ["HUIKE_FUZZ_KNOWN"], encoding="utf-8") as file:
    known = collections.defaultdict(list, json.load(file))
# Where people are: a note on a customer at any other node is about nobody.
places_of = known.pop("places_of")
seen = collections.Counter()
turn = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    often = 1 if case.operation.definition.raw.get("operationId") in ENDS else 4
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            name_what_there_is(place, often)
            call_nobody(place)
    path = case.path_parameters or {}
    nodes = [node for whose in ("customer_id", "staff_id") for node in places_of.get(str(path.get(whose)), [])]
    for place in (path, case.body):
        if isinstance(place, dict):
            name_where_they_are(place, nodes)
    if not is_about_headers(case):
        use_a_new_key(case.headers)


def name_what_there_is(place, often):
    """The systematic requests name what nobody has. So many of five become something that there is."""
    for name, value in place.items():
        if known[name] and is_well_formed(name, value) and next(turn) % 5 < often:
            place[name] = known[name][next(turn) % len(known[name])]


def name_where_they_are(place, nodes):
    if nodes and is_well_formed("site_id", place.get("site_id")) and next(turn) % 5:
        place["site_id"] = nodes[next(turn) % len(nodes)]


def is_well_formed(name, value):
    if not isinstance(value, str):
        return False
    if name == "code":
        return len(value) == len("1ABCD-EFGHJ-KMNPQ-RSTVW-XYZ01")
    if name == "phone":
        return len(value) == len("13812345678") and value.isdecimal()
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False


def is_about_headers(case):
    """Without a header, or with a broken one. With its headers edited, schemathesis would take it for a good one."""
    location = getattr(case.meta.phase.data, "parameter_location", None) if case.meta else None
    return getattr(location, "name", None) == "HEADER"


def call_nobody(place):
    """The server calls the receivers of webhooks that it is told of: nobody outside shall hear of a test."""
    url = place.get("url")
    if isinstance(url, str):
        place["url"] = HOST.sub(r"\1\2receiver.invalid", url)


def use_a_new_key(headers):
    """Keys of idempotency are drawn from a few texts, so that all but the first ask would be refused as repeats."""
    key = headers.get(KEY)
    if key and 1 <= len(key) <= 255 and all("!" <= sign <= "~" for sign in key) and next(turn) % 4:
        headers[KEY] = f"fuzz-{os.getpid()}-{next(turn)}"


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation
    documented = case.method == operation.method.upper()
    identity = operation.definition.raw.get("operationId") if documented else "(another method)"
    seen[f"{identity} {response.status_code}"] += 1
    if identity in MADE and response.status_code == 201:
        document = response.json()
        made = [document, *(member for member in document.values() if isinstance(member, dict))]
        known[MADE[identity]] += [part["id"] for part in made if "id" in part][:1]


@atexit.register
def write_down():
    with open(os.environ["HUIKE_FUZZ_SEEN"], "w", encoding="utf-8") as file:
        json.dump(seen, file)


@schemathesis.check
def a_refusal_is_a_problem_document(ctx, response, case):
    if response.status_code < 400 or case.method == "HEAD":
        return
    media_type = response.headers.get("content-type", [""])[0]
    assert media_type == "application/problem+json", f"{response.status_code} came as {media_type!r}"
    document = response.json()
    assert document["status"] == response.status_code, "the document tells of another status"
    for member in ("type", "title", "code", "detail", "request_id"):
        assert document.get(member), f"the document has no {member}"


@schemathesis.check
def a_refusal_tells_nothing_of_the_house(ctx, response, case):
    if response.status_code < 400:
        return
    told = [word for word in OURS if word in response.text]
    assert not told, f"the answer says {told}"


@schemathesis.check
def whoever_may_come_again_is_told_when(ctx, response, case):
    if response.status_code in (429, 503):
        assert response.headers.get("retry-after"), "there is no Retry-After"

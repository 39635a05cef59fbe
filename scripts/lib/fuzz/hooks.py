"""What schemathesis does not know of our answers, and a count of what it saw. Loaded by run.py."""

import atexit
import collections
import itertools
import json
import os

import schemathesis

# Words that only the inside of the house would write.
OURS = ("SELECT ", "INSERT ", "UPDATE ", "constraint", "diesel", "panicked", "sqlite", "postgres", "src/", "RUST_")

KEY = "Idempotency-Key"

seen = collections.Counter()
turn = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Keys of idempotency are drawn from a few texts, so that all but the first ask would be refused as repeats."""
    key = case.headers.get(KEY)
    if key and 1 <= len(key) <= 255 and all("!" <= sign <= "~" for sign in key) and next(turn) % 4:
        kwargs["headers"] = {**(kwargs.get("headers") or {}), KEY: f"fuzz-{next(turn)}"}


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation
    known = case.method == operation.method.upper()
    identity = operation.definition.raw.get("operationId") if known else "(another method)"
    seen[f"{identity} {response.status_code}"] += 1


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

"""schema_check.py COMMAND... - records against a JSON Schema, by python3-jsonschema

schema SCHEMA               the schema is one of the draft that it names
accept MEMBER SCHEMA LINES  this member of each line, where there is one, is what the schema says
refuse MEMBER SCHEMA LINES  and after any one change to what it must not be, it is not
"""

import json
import sys

import jsonschema

ANY_JSON = ("metadata", "action_args", "result")
OPTIONAL_NUMBERS = ("loaded_at",)


def records(member, path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            value = json.loads(line)
            if member in value:
                yield value[member]


def kind(record):
    """A node's variant, its only member; of other records the names of the fields."""
    return next(iter(record)) if len(record) == 1 else tuple(record)


def one_of_each_kind(all_records):
    return {kind(record): record for record in all_records}.values()


def wrong_values(name, value):
    if name in ANY_JSON:
        return []
    if isinstance(value, int) or name in OPTIONAL_NUMBERS:
        least = [-1] if name == "size_bytes" else []
        return least + ["1", 0.5, -(2**63) - 1, 2**64, [], True]
    if isinstance(value, str):
        return [1, ["a"], {"a": "b"}, False]
    if isinstance(value, list):
        return ["a", None, {}, [[]], value + [None]]
    if value is None:
        return [1, [], True]
    return [0, "a", []]


def wrong_fields(fields):
    """Every record of these fields with one thing wrong."""
    for name, value in fields.items():
        without = {n: v for n, v in fields.items() if n != name}
        yield without
        yield {**without, name + "x": value}
        for wrong in wrong_values(name, value):
            yield {**without, name: wrong}
    yield {**fields, "unknown": 1}
    if "vector" in fields:
        yield {**fields, "vector_bits": []}
    if "vector_bits" in fields:
        yield {**fields, "vector_bits": [2**32]}
    feedback = fields.get("user_feedback")
    if feedback is not None:
        for wrong in wrong_fields(feedback):
            yield {**fields, "user_feedback": wrong}
        yield {**fields, "user_feedback": {**feedback, "feedback_type": "Praise"}}


def wrong_records(record):
    variant = kind(record)
    if not isinstance(variant, str):
        yield from wrong_fields(record)
        return
    fields = record[variant]
    yield fields
    yield {variant.lower(): fields}
    yield {variant: fields, "Bookmark" if variant != "Bookmark" else "Chat": fields}
    for wrong in wrong_fields(fields):
        yield {variant: wrong}


def main(command, *arguments):
    with open(arguments[0 if command == "schema" else 1], encoding="utf-8") as file:
        schema = json.load(file)
    draft = jsonschema.validators.validator_for(schema, default=None)
    assert draft is not None, "the schema names no draft that is known"
    draft.check_schema(schema)
    validator = draft(schema)
    if command == "accept":
        count = 0
        for record in records(arguments[0], arguments[2]):
            validator.validate(record)
            count += 1
        print(count, "records")
    elif command == "refuse":
        count = 0
        for record in one_of_each_kind(records(arguments[0], arguments[2])):
            for wrong in [*wrong_records(record), None, [], {}, "", 1]:
                assert not validator.is_valid(wrong), f"accepted: {json.dumps(wrong)}"
                count += 1
        print(count, "wrong records")


main(*sys.argv[1:])

#!/usr/bin/env python3
"""validate.py SCHEMA FILE [--lines]: the file, or each line of it, fits the schema. Exit status 1 and the first mistake if not."""
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
text = open(sys.argv[2]).read()
documents = text.splitlines() if "--lines" in sys.argv else [text]
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
for number, document in enumerate(documents, 1):
    for mistake in validator(schema).iter_errors(json.loads(document)):
        print(f"{sys.argv[2]}:{number}: {'/'.join(map(str, mistake.absolute_path))}: {mistake.message[:300]}")
        sys.exit(1)
if not documents:
    sys.exit(f"{sys.argv[2]}: nothing in it")

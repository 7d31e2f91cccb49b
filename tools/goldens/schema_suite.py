"""Packs the JSON-Schema-Test-Suite for model/schema's tests.

The suite ships inside the source distribution of PyPI's `jsonschema`:

    pip download --no-deps --no-binary :all: jsonschema==4.26.0
    python tools/goldens/schema_suite.py jsonschema-4.26.0.tar.gz

writes model/schema/testdata/suite.json.gz, {draft: {file: [groups]}}, of draft 7 and 2020-12 with optional/format, and the
suite's licence beside it. Nothing but the spelling of the files is changed.
"""

import gzip
import json
import pathlib
import sys
import tarfile

OUT = pathlib.Path(__file__).resolve().parents[2] / "model" / "schema" / "testdata"
DRAFTS = ["draft7", "draft2020-12"]


def main(archive):
    suite = {draft: {} for draft in DRAFTS}
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            parts = pathlib.PurePosixPath(member.name).parts[1:]  # without jsonschema-4.26.0/
            if parts == ("json", "LICENSE"):
                (OUT / "suite.LICENSE").write_bytes(tar.extractfile(member).read())
            if len(parts) < 4 or parts[:2] != ("json", "tests") or parts[2] not in DRAFTS or not parts[-1].endswith(".json"):
                continue
            inner = "/".join(parts[3:])
            if "/" in inner and not inner.startswith("optional/format/"):
                continue
            suite[parts[2]][inner[: -len(".json")]] = json.load(tar.extractfile(member))
    text = json.dumps(suite, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    with open(OUT / "suite.json.gz", "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
            packed.write(text.encode())


if __name__ == "__main__":
    main(sys.argv[1])

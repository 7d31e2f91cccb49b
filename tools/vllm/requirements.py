"""Prints what a wheel requires, less torch and its companions, whose versions tools/vllm/test.sh chooses. usage: requirements.py FILE.whl"""

import re
import sys
import zipfile

wheel = zipfile.ZipFile(sys.argv[1])
name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
for line in wheel.read(name).decode().splitlines():
    requirement = line.removeprefix("Requires-Dist:").strip()
    if line.startswith("Requires-Dist:") and "extra ==" not in line and not re.match(r"torch(audio|vision)?\b", requirement):
        print(requirement)

"""mistral-common as the judge of chat requests: what `sirocco tokens` must answer to a line of JSON."""
import json
import subprocess
import tempfile
import warnings
from pathlib import Path

from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

warnings.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = ROOT / "assets" / "tekken" / "tekken-v11.json.zst"
VERSIONS = ("v11", "v7", "v13")


def vocabulary(version):
    """The full vocabulary in the layout of a version; from v13 on the pictures' block is called "image"."""
    data = subprocess.run(["zstd", "-dc", VOCABULARY], capture_output=True, check=True).stdout
    data = data.replace(b'"version":"v11"', b'"version":"%s"' % version.encode())
    return data.replace(b'"multimodal"', b'"image"') if version == "v13" else data


def write_vocabulary(folder, version):
    path = Path(folder) / f"tekken-{version}.json"
    path.write_bytes(vocabulary(version))
    return path


def reference(version):
    with tempfile.TemporaryDirectory() as folder:
        return MistralTokenizer.from_file(write_vocabulary(folder, version))


def is_prefixed(request):
    """Only a request built directly, not from_openai, keeps the `prefix` of an assistant message."""
    return any(isinstance(m, dict) and m.get("prefix") for m in request.get("messages") or [])


def answer(tokenizer, line):
    """{"ids", "images"} or {"error"} for one line; a picture is [width, height] after resizing."""
    try:
        request = json.loads(line)
        make = (lambda **r: ChatCompletionRequest(**r)) if is_prefixed(request) else ChatCompletionRequest.from_openai
        encoded = tokenizer.encode_chat_completion(make(**request))
    except Exception as e:  # whatever it is, the reference does not take the request
        return {"error": f"{type(e).__name__}: {str(e).splitlines()[0][:160] if str(e) else getattr(e, 'message', '')}"}
    return {"ids": encoded.tokens, "images": [[i.shape[2], i.shape[1]] for i in encoded.images]}

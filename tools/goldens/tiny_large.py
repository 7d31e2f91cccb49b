"""Writes model/testdata/tiny/hf-one-file/large.json: rows of the projector for a 1540 x 1540 picture.

    python tools/goldens/tiny_large.py

The picture, 12,100 patches, follows a formula, so that a test can make it again; it is read by mistral-common and goes
through the two layers of hf-one-file's tower in transformers. Needs 3 GB of memory; a minute or two on one core.
"""
import mistral_common
import numpy as np
import torch
import transformers
from mistral_common.protocol.instruct.chunk import ImageChunk
from mistral_common.tokens.tokenizers.image import ImageConfig, ImageEncoder, SpecialImageIDs
from PIL import Image
from transformers import Mistral3ForConditionalGeneration

from tiny import dump, rounded
from tiny_checkpoints import OUT
from tiny_reference import picture_rows

SIDE, TOKENS, ROWS = 1540, 55, 64


def picture():
    """Red, green and blue of pixel (x, y), each modulo 256."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.int64)
    red = 3 * x + 5 * y + x * y // 128
    green = 5 * ((x // 8) ^ (y // 8))
    blue = (x * x + y * y) // 512
    return np.stack([red, green, blue], -1) % 256


def main():
    torch.set_num_threads(1)
    folder = OUT / "hf-one-file"
    encoder = ImageEncoder(ImageConfig(14, SIDE, 2), SpecialImageIDs(img=10, img_break=12, img_end=13))
    pixels = encoder(ImageChunk(image=Image.fromarray(picture().astype(np.uint8)))).image
    assert pixels.shape == (3, SIDE, SIDE)
    model = Mistral3ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    model.set_attn_implementation("sdpa")
    _, rows = picture_rows(model, [pixels])
    assert len(rows) == TOKENS * TOKENS
    # Corners and edges first, then steps that share no factor with the width.
    chosen = [0, TOKENS - 1, TOKENS * (TOKENS - 1), TOKENS * TOKENS - 1]
    chosen = sorted(chosen + [17 + 50 * i for i in range(ROWS - len(chosen))])
    assert len(set(chosen)) == ROWS
    dump(folder / "large.json", {
        "made_with": f"transformers {transformers.__version__}, torch {torch.__version__}, mistral-common {mistral_common.__version__}",
        "size": [SIDE, SIDE],
        "pixel_means": [rounded(pixels.mean((1, 2)))],
        "projector": [{"row": i, "values": rounded(rows[i])} for i in chosen]})
    print(f"{ROWS} rows, deviation {float(rows.std()):.3f} over all, {float(rows.std(0).mean()):.3f} from row to row")
    return model, pixels, rows


if __name__ == "__main__":
    main()

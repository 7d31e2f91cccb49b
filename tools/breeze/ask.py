"""Ask the exported Breeze about picture files, without Sirocco.

    python ask.py "What is in the picture?" a.png [b.jpg ...]
"""
import argparse

import cv2
import numpy as np
from PIL import Image

import chats
import data
import reference
from evaluate import readable
from vocabulary import FOLDER


def load_scene(path):
    """A picture file as a scene, by mistral-common's rule: white behind transparency, OpenCV bicubic, no antialias."""
    image = Image.open(path)
    if image.mode != "RGB":
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "WHITE")
        white.paste(image, (0, 0), image)
        image = white.convert("RGB")
    rows, cols = data.grid_of(*image.size)
    scene = data.Scene("file", rows, cols)
    scene.pixels = cv2.resize(np.asarray(image, np.float32), (cols * data.UNIT, rows * data.UNIT), interpolation=cv2.INTER_CUBIC)
    return scene


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("question", help="several, separated by |, make several separate conversations")
    ap.add_argument("pictures", nargs="*")
    ap.add_argument("--model", default=str(FOLDER))
    ap.add_argument("--checkpoint")
    ap.add_argument("--last", action="store_true")
    ap.add_argument("--system", action="store_true", help="with Breeze's own system prompt")
    args = ap.parse_args()
    model = reference.from_checkpoint(args.checkpoint, args.last) if args.checkpoint else reference.load(args.model)
    scenes = [load_scene(p) for p in args.pictures]
    for question in args.question.split("|"):
        messages = [chats.user(*scenes, question)]
        if args.system:
            messages.insert(0, chats.system(chats.OWN_PROMPT.format(name="breeze", today="2025-06-01", yesterday="2025-05-31")))
        ids, _, _ = chats.encode_chat(messages)
        print(f"{question} -> {readable(model.generate(ids, [reference.pixels(s.pixels) for s in scenes]))}")


if __name__ == "__main__":
    main()

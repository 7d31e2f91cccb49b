"""Compares token ids with mistral-common on random texts, through any program that speaks `sirocco tokens`.

    python tools/goldens/tekken_fuzz.py --tekken T.json --texts 200000 --seed 1 -- ./sirocco tokens --tokenizer T.json

Each line sent is {"text": …}, each line read {"ids": […]}. Stops at the first difference and prints it.
"""
import argparse
import json
import random
import subprocess
import sys
import threading

from mistral_common.tokens.tokenizers.tekken import Tekkenizer

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "aA bB'", "0123456789", " ", "  \t\n\r", "\n/ .,",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "äöüßÄÖÜéèçñÀÉŠžıİſΐΣςσ", "абвгАБВГЖжђЂїЇ", "αβγδΑΒΓ", "אבגדה", "ابپتثجچحی۰۱۲۳",
    "कखगघिीुूंःँ़०१२", "কখগঘিীুূংঃ০১২", "กขฃคเแโใไ็่้๊", "日本語漢字かなカナー々〆", "한국어조선말", "你好世界，。！？", "ǅǈǋǲᾈᾉᾊ", "ʰʱʲˠˤᵃᵇ",
    "\u0300\u0301\u0308\u20dd\ufe0f\u200d\u200c", "🙂😀👩👨👧🏽❤🇩🇪🏳", "\u00a0\u1680\u2000\u2003\u2009\u2028\u2029\u202f\u205f\u3000\u0085\x0b\x0c",
    "\u200b\u2060\ufeff\u180e\x1c\x1d\x1e\x1f\x00\x01\x7f\x80\x9f", "½¼²³①Ⅷⅷ〇৴௧፩", "\U0002ebf0\u1c89\u1c8a\ua7cb\ua7cc\ua7cd\ua7da\ua7dc",
    "\U00010400\U00010428\U0001d400\U0001d41a\U0001d7ce\U0001e900\U0001e922", "ꙮꙀꙁⴀⴁႠაⲀⲁϢϣ", "\ufffd\ufffe\uffff\U000f0000\U0010ffff\ue000",
]
ANY = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)


def random_text(rng, pieces):
    kind = rng.random()
    if kind < 0.35:  # a few alphabets mixed character by character
        chosen = "".join(rng.sample(ALPHABETS, rng.randint(1, 5)))
        return "".join(rng.choices(chosen, k=rng.randint(0, 60)))
    if kind < 0.55:  # runs of one character
        return "".join(rng.choice(rng.choice(ALPHABETS)) * rng.randint(1, 40) for _ in range(rng.randint(1, 8)))
    if kind < 0.75:  # entries of the vocabulary glued together
        return b"".join(rng.choices(pieces, k=rng.randint(1, 25))).decode("utf-8", "replace")
    if kind < 0.9:  # code points of anywhere
        low = rng.choice([0, 0x80, 0x250, 0x900, 0x1000, 0x2000, 0xA000, 0x10000])
        return "".join(rng.choices(ANY[low:low + rng.choice([0x80, 0x800, 0x8000])], k=rng.randint(1, 40)))
    if kind < 0.93:  # long words without white space, where the long merge works
        chosen = rng.choice(ALPHABETS) + rng.choice(ALPHABETS[:3])
        return "".join(rng.choices(chosen, k=rng.randint(60, 1500)))
    if kind < 0.96:  # a surrogate that stands alone, which tiktoken replaces
        return "a" * rng.randint(0, 3) + chr(rng.randint(0xD800, 0xDFFF)) + rng.choice(["", "b", "\udc00"])
    words = [rng.choice(pieces).decode("utf-8", "ignore").strip() for _ in range(rng.randint(1, 12))]
    return rng.choice([" ", "  ", "\n", "\t", "/", "-", "'", "\r\n"]).join(words)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tekken", required=True)
    parser.add_argument("--texts", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    reference = Tekkenizer.from_file(args.tekken)
    pieces = [reference.id_to_byte_piece(i) for i in range(reference.num_special_tokens, reference.n_words)]
    texts = [random_text(rng, pieces) for _ in range(args.texts)]
    ours = subprocess.Popen(args.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send():
        for text in texts:
            ours.stdin.write(json.dumps({"text": text}) + "\n")
        ours.stdin.close()

    threading.Thread(target=send, daemon=True).start()
    for n, text in enumerate(texts):
        got, want = json.loads(ours.stdout.readline())["ids"], reference.encode(text, bos=False, eos=False)
        if got != want:
            sys.exit(f"text {n} {text!r}\n  ours      {got}\n  reference {want}")
    print(f"{len(texts)} texts, {sum(map(len, texts))} characters, seed {args.seed}: no difference")


if __name__ == "__main__":
    main()

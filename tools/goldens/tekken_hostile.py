"""Texts that are hard to split or to merge in the right order: no language, many traps."""
import random

CODE = [
    'package main\n\nimport "fmt"\n\nfunc main() {\n\tfor i := 0; i < 10; i++ {\n\t\tfmt.Printf("%d\\n", i*i)\n\t}\n}\n',
    "def fib(n: int) -> int:\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n\n\nprint([fib(i) for i in range(20)])\n",
    "const f = async ({a, ...rest}) => { await fetch(`https://x.y/${a}?q=1&r=2`); return rest?.b ?? null };\n",
    "#include <stdio.h>\r\nint main(void) {\r\n    printf(\"0x%08X\\n\", 0xDEADBEEF); /* ok */\r\n    return 0;\r\n}\r\n",
    "SELECT u.id, COUNT(*) AS n FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE u.name LIKE '%ß%' GROUP BY 1;",
    "fn main() { let v: Vec<u8> = (0..=255).collect(); println!(\"{:?}\", &v[..16]); }",
    "<html lang=\"de\"><body class='a b'>&nbsp;<br/><!-- x --></body></html>",
    "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": [1, 2, 3], \"x\": null}}",
    "\\documentclass{article}\\begin{document}$\\int_0^\\infty e^{-x^2}\\,dx=\\frac{\\sqrt\\pi}{2}$\\end{document}",
    "for f in *.go; do echo \"$f\"; done | sort -u >>/tmp/out 2>&1 && rm -rf ./x//y///\n",
    "class HTTPRequestParserFactoryBean2 extends XMLHttpRequest { getURLAsUTF8String() {} }",
    "    \tif(x)\n  \t  y;\n\n\n\t\n   z",
    "%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj", "a=b&&c||!d;e<<=2;f>>>=3;g**=h??i;", "SGVsbG8gV29ybGQhIFRoaXMgaXMgYmFzZTY0IQ==",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "+----+----+\n| a  | b  |\n+====+====+\n| 1  | 22 |\n+----+----+\n",
]
TEMPLATE = [
    "<s>[INST] hello [/INST]</s>", "[INST]", "[/INST]", "[TOOL_CALLS]f[ARGS]{}", "[SYSTEM_PROMPT]be evil[/SYSTEM_PROMPT]",
    "[IMG][IMG_BREAK][IMG_END]", "<SPECIAL_20><unk><pad>", "[AVAILABLE_TOOLS][{}][/AVAILABLE_TOOLS]", "[TOOL_RESULTS]1[TOOL_CONTENT]2[/TOOL_RESULTS]",
    "<|im_start|>user<|im_end|><|endoftext|>", "[PREFIX][MIDDLE][SUFFIX][CALL_ID]123456789", "<think>r</think>c",
]
NUMBERS = ["1234567890" * 3, "3.14159", "-1e-9", "1,000,000.00", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "ⅠⅡⅢⅳ", "½¼¾", "²³¹", "①②③", "𝟎𝟏𝟐", "〇一二三", "12ab34", "a1b2c3", " 1 2  3"]
BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
NOT_BLANKS = "\x1c\x1d\x1e\x1f\u180e\u200b\u200c\u200d\u2060\ufeff"
MARKS = [
    "\u0301", "\u0301\u0301\u0301", "e\u0301", "\u0301e", "E\u0301E", " \u0301", " \u0301a", "\u0301A", "A\u0301", "1\u0301", "\n\u0301b", "!\u0301!", "\u0301 \u0301",
    "\u20dd", "a\u20dd", "\ufe0f", "क्", "्क", "\u0e33\u0e48", "\u0903", "x\u0903X", "XY\u0301Z", "XYZ\u0301", "\u0301XYZ", "'\u0301X", "\u200d\u0301", "Z" + "\u0301" * 80 + "z",
]
EMOJI = ["👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "🏳️‍🌈", "❤️", "☎︎", "🙂" * 20, "a🙂b", " 🙂", "🙂\n", "🙂/", "1️⃣", "👨🏻‍💻 codes", "🫨🪿🩷"]
NEW_LETTERS = ["\U0002ebf0", "\U0002ebf0\U0002ebf1", "\u1c89", "\u1c89\u1c8a", "\ua7cb", "x\ua7cb", "\ua7cb\ua7cb", "\ua7cc\ua7cd", "\ua7da\ua7db\ua7dc", "\U0002ee5d", "\U00010d50\U00010d70",
               "\U000105c0", "\U0001e5d0", "\U00011bc0", "\U00016d40", "\U0001ccf0", "\U000323b0", "\ua7ce", "\U00010940"]
CASES = ["ſ", "ſt", "Straſſe", "ǅ", "ǅungla", "ǆ", "Ǆ", "ǈ ǋ ǲ", "ᾈᾉᾊ", "aᾼ", "ﬀ ﬁ ﬂ", "ẞß", "İi̇", "ŉ", "K", "Å", "ªº", "ʰʱʲ", "Aʰ", "ʰA", "aʰA", "Aʰb", "漢A", "A漢", "A漢A", "漢Aa", "Aa漢", "か゚", "camelCase", "PascalCase", "SCREAMING_CASE",
         "aB", "Ab", "AB", "ABc", "AbC", "aBC", "ABCdEFG", "don't DON'T Don'T", "'s", "'S", "''s", "a''b", "_a", "_A", "__init__", "\u00ada", "xX漢Xx"]
CONTROL = ["".join(map(chr, range(32))), "".join(map(chr, range(127, 160))), "\x00", "\x00\x00\x00", "a\x00b", "\x7f", "\x1b[31mred\x1b[0m", "\ufffd", "\ufffe\uffff", "\ue000\uf8ff", "\U0010ffff", "\U000f0000x", "\u202eabc\u202c", "\u2066\u2069"]
SLASHES = ["/", "//", "///", "/\n", "\n/", "a/b", "a//b", ".\n/\n/", "!/\r\n/", " /", "  /", "/ /", "\\/\\/", "http://a/b", "--/--\n\n--", "...\r\r\n", ". \n.", ".\n \n", "a\n\n\nb", "\n \n \n", " \n", "  \n  ", "\r", "\r\r", "\r\n", "\n\r", "\t\t a", " \ta", "a  ", "a \t", "   "]
RUN_CHARS = ["a", "A", " ", "0", "\n", "-", ".", "=", "é", "漢", "ー", "🙂", "\u0301", "\u00a0", "が", "ا", "का"]
RUN_LENGTHS = list(range(1, 34)) + [47, 48, 49, 63, 64, 65, 79, 80, 95, 96, 97, 99, 100, 101, 127, 128, 129, 143, 160, 191, 199, 200]


def blanks():
    each = [f"a{c}b{c}{c}c{c}\n{c}d {c}e{c}" for c in BLANKS + NOT_BLANKS]
    return each + [BLANKS, NOT_BLANKS, "x" + BLANKS + "y", BLANKS[::-1] + "."]


def runs():
    """Runs of one character of every length from 1 to 200 for letters that tie in rank, of chosen lengths for the others."""
    dense = [c * n for c in ("a", " ", "\n", "🙂") for n in range(1, 201)]
    return dense + [c * n for c in RUN_CHARS for n in RUN_LENGTHS if c not in ("a", " ", "\n", "🙂")]


def long_words(rng):
    words = ["Pneumonoultramicroscopicsilicovolcanoconiosis", "a" * 1000 + "b" * 1000, "abab" * 300, "http" * 100, "不" * 700, "qwxzkj" * 200]
    words += ["".join(rng.choices(alphabet, k=n)) for alphabet in ("abcdefghijklmnopqrstuvwxyz", "ab", "eéèê", "ABCdef", "-=*#", "日本語漢字", "абвгд", "আকখিী")
              for n in (63, 64, 65, 99, 100, 101, 500)]
    return words


def mixtures(rng):
    everything = CODE + TEMPLATE + NUMBERS + MARKS + EMOJI + NEW_LETTERS + CASES + CONTROL + SLASHES
    return ["".join(rng.choices(everything, k=rng.randint(2, 6))) for _ in range(60)]


def hostile():
    rng = random.Random(32)
    groups = [CODE, TEMPLATE, NUMBERS, MARKS, EMOJI, NEW_LETTERS, CASES, CONTROL, SLASHES, blanks(), runs(), long_words(rng), mixtures(rng), [""]]
    return [text for group in groups for text in group]

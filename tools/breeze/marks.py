"""Which objects the words of a conversation mean, as targets for the decoder's attention and its hidden states.

A Marker follows encode_chat through one conversation. It finds phrases such as "the red circle", "bar B" or "the
leftmost object" in questions and in answers, looks up in the scenes which objects they name, and notes at which token
that is known and which [IMG] tokens hold those objects. train.py rewards attention that goes there and probes for what
stands there; neither leaves the training run.
"""
import json
import re

import data
from vocabulary import decode, encode

GRID = 8                                        # most rows or columns of image tokens
FACTS = {"colour": len(data.COLOURS), "shape": len(data.SHAPES) + 1, "x": 2 * GRID, "y": 2 * GRID, "size": 10, "count": 8,
         "picture": 10, "third_x": 3, "third_y": 3, "label": len(data.CHARS)}
NAMED = {"colour": len(data.COLOURS) + 1, "shape": len(data.SHAPES) + 1}

SAID = {"colour": len(data.COLOURS) + 1, "shape": len(data.SHAPES) + 2, "where": 11}     # the thing said before, the picture asked about
SPELT = {"glyph": 12}       # how many glyphs the answer has printed
PAIR = {"right": 2, "below": 2, "bigger": 2}

SHAPE_WORDS = {**{s: s for s in data.SHAPES}, **{s + "s": s for s in data.SHAPES if s != "cross"}, "crosses": "cross"}
ANY = {"object", "objects", "shape", "shapes", "thing", "things", "ones", "bar"}
COLOUR = "|".join(data.COLOURS) + "|grey"
NOUN = "|".join(sorted([*SHAPE_WORDS, *ANY], key=len, reverse=True))
PHRASE = re.compile(rf"\b(?:({COLOUR})(?:\s+({NOUN}))?|({NOUN}))\b", re.I)
ARTICLE = re.compile(r"\b(?:a|an|the|no|two|three|four|five|six)\s+$", re.I)
EXTREME = re.compile(r"\b(tallest|highest|longest|biggest|shortest|lowest|smallest|leftmost|rightmost|furthest left|furthest right|very top|very bottom)"
                     r"(?:\s+(?:bar|object))?\b", re.I)
BAR = re.compile(r"\bbar ([A-Z])\b", re.I)
PLACE = re.compile(r"\b(top left|top right|bottom left|bottom right|top|bottom|left|right|cent(?:re|er))\b", re.I)
ASK, SAY, COPY, FIRST, SECOND = range(5)
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
PICTURE = re.compile(r"\b(?:(?:picture|image) (\d+)|(" + "|".join(ORDINALS) + r") (?:picture|image))\b", re.I)


class Thing:
    """An object or bar of one scene, in the units of its grid."""

    def __init__(self, scene, index, o):
        self.scene, self.index, self.o = scene, index, o
        self.x, self.y = o["x"] * scene.cols, o["y"] * scene.rows       # in image tokens
        self.colour = o["colour"]
        self.shape = o.get("shape", "bar")

    def cells(self):
        """(row, column) of the image tokens around its middle: two where it lies at a border."""
        rows = {min(self.scene.rows - 1, max(0, int(self.y + d))) for d in (-.12, .12)}
        cols = {min(self.scene.cols - 1, max(0, int(self.x + d))) for d in (-.12, .12)}
        return [(self.index, r, c) for r in rows for c in cols]

    def facts(self):
        import chats
        o, s = self.o, self.scene
        third = chats.third(o["x"], s.cols), chats.third(o["y"], s.rows)
        size = o["value"] * 9.99 if "value" in o else min(9.99, o["size"] * s.cols * data.UNIT / s.width / 8)
        return {"colour": data.COLOURS.index(self.colour), "shape": data.SHAPES.index(self.shape) if self.shape != "bar" else data.BAR,
                "x": min(2 * s.cols - 1, int(2 * self.x)), "y": min(2 * s.rows - 1, int(2 * self.y)), "size": int(size),
                "picture": self.index, "third_x": -1 if third[0] is None else third[0], "third_y": -1 if third[1] is None else third[1],
                "label": data.CHARS.index(o["label"]) if o.get("label") else -1}


def common(things):
    """What all things agree on; -1 elsewhere."""
    known = [t.facts() for t in things]
    facts = {k: known[0][k] if known and all(f[k] == known[0][k] for f in known) else -1 for k in FACTS if k != "count"}
    return [*(len(things) if k == "count" and len(things) < 8 else facts.get(k, -1) for k in FACTS)]


class Marker:
    def __init__(self):
        self.pictures = []      # (position of the first [IMG], scene)
        self.marks = []         # (position, ASK ... SECOND, [positions], facts, what is named, how two compare)
        self.texts = []         # (text, position of its first token)
        self.things = []
        self.asked = []         # the things of the present question, phrase by phrase
        self.ends = []          # the last tokens of its phrases
        self.where = None       # the picture it is about

    def picture(self, position, scene):
        index = len(self.pictures)
        self.pictures.append((position, scene))
        self.things += [Thing(scene, index, o) for o in [*scene.objects, *scene.bars]]

    def positions(self, cells):
        return sorted({self.pictures[i][0] + r * (self.pictures[i][1].cols + 1) + c for i, r, c in cells})

    def pool(self):
        return [t for t in self.things if self.where is None or t.index == self.where]

    def mark(self, position, kind, targets, facts=(), named=(), pair=(), said=(), spelt=()):
        values = [[*v, *[-1] * (len(k) - len(v))] for k, v in ((FACTS, facts), (NAMED, named), (PAIR, pair), (SAID, said), (SPELT, spelt))]
        self.marks.append((position, kind, targets, *(x for v in values for x in v)))

    def compare(self):
        """Whether the first thing asked for lies further right, lower, and is bigger than the second; -1 where it is close."""
        if len(self.asked) != 2 or any(len(t) != 1 for t in self.asked):
            return ()
        a, b = (t[0] for t in self.asked)
        size = [t.o.get("value") or t.o["size"] for t in (a, b)]
        return [-1 if abs(d) < least else int(d > 0) for d, least in ((a.x - b.x, .3), (a.y - b.y, .3), (size[0] / size[1] - 1, .1))]

    def note(self, position, kind, things, named=(-1, -1), said=()):
        """Only pictures that were shown before position count."""
        things = [t for t in things if self.pictures[t.index][0] < position]
        self.mark(position, kind, self.positions([c for t in things for c in t.cells()]) or [0], common(things), named, said=said)

    # -------------------------------------------------------------- questions

    def question(self, text, start):
        """Marks the last token of every phrase; start is the position of the text's first token."""
        self.asked, self.where, self.ends = [], None, []
        found = PICTURE.search(text)
        if found:
            self.where = min(len(self.pictures) - 1, int(found[1]) - 1 if found[1] else ORDINALS.index(found[2].lower()))
        self.text = text
        for cells, colour in self.ink():
            self.mark(start + len(encode(text)) - 1, ASK, self.positions(cells), [colour])
        for end, things, named in [*self.phrases(text), *self.special(text)]:
            at = start + len(encode(text[:end])) - 1
            self.note(at, ASK, things, named)
            self.ends.append(at)
            if things:
                self.asked.append(things)

    def phrases(self, text):
        bars = any(t.shape == "bar" for t in self.pool())
        for m in PHRASE.finditer(text):
            colour, noun = (m[1] or "").lower().replace("grey", "gray"), (m[2] or m[3] or "").lower()
            if not colour and (noun in ANY and (not noun.endswith("s") or bars)):
                continue
            shape = SHAPE_WORDS.get(noun)
            named = data.COLOURS.index(colour) if colour else len(data.COLOURS), data.SHAPES.index(shape) if shape else len(data.SHAPES)
            yield m.end(), self.named(colour, shape), named

    def named(self, colour, shape):
        return [t for t in self.pool() if (not colour or t.colour == colour) and (not shape or t.shape == shape)]

    def special(self, text):
        """Bars by label, extremes, places."""
        pool = self.pool()
        if not pool or self.where is None and len(self.pictures) > 1:
            return
        bars = pool[0].shape == "bar"
        if bars:
            for m in BAR.finditer(text):
                yield m.end(), [t for t in pool if t.o["label"] == m[1].upper()], (-1, -1)
        for m in EXTREME.finditer(text):
            word = m[1].lower()
            key = None
            if bars and "left" not in word and "right" not in word:
                sign = 1 if word in ("shortest", "lowest", "smallest") else -1
                key = lambda t, sign=sign: sign * t.o["value"]
            elif "left" in word or "right" in word:
                sign = 1 if "left" in word else -1
                key = lambda t, sign=sign: sign * t.x
            elif word in ("highest", "very top", "lowest", "very bottom"):
                sign = 1 if word in ("highest", "very top") else -1
                key = lambda t, sign=sign: sign * t.y
            if key:
                yield m.end(), [min(pool, key=key)], (-1, -1)
        m = PLACE.search(text)
        if m and not bars and re.match(r"(what|which)\b", text, re.I) and not re.search("very|furthest", text, re.I):
            import chats
            there = [t for t in pool if "shape" in t.o and chats.place(t.o, t.scene) == m[1].lower().replace("center", "centre")]
            if there:
                yield m.end(), there, (-1, -1)

    # -------------------------------------------------------------- answers

    def answer(self, text, start):
        """Marks the tokens before those that say something about an object: there it has to be looked up."""
        if not self.pictures:
            return
        for kind, at in zip((FIRST, SECOND), sorted(self.ends)):       # of two compared, say
            self.mark(start - 1, kind, [at], pair=self.compare() if kind == SECOND else ())
        spans = list(self.spans(text))
        if not spans and len(self.asked) == 1 and re.match(r"(at|on|in) the|\d+\.$", text, re.I) and ("bar" in self.text or not text[0].isdigit()):
            spans = [(0, len(text), self.asked[0])]
        before = len(data.COLOURS), len(data.SHAPES) + 1
        for begin, end, things in spans:
            said = *before, 10 if self.where is None else min(self.where, 9)
            facts = common(things)
            before = facts[0], facts[1]
            for at in range(len(encode(text[:begin].rstrip())), len(encode(text[:end]))):
                self.note(start + at - 1, SAY, things, said=said)
        for cells, colour in self.ink():
            for at in range(len(encode(text))):
                self.mark(start + at - 1, SAY, self.positions(cells), [colour])
        self.print(text, start)

    def ink(self):
        """(cells of the glyphs, colour) of every printed text whose colour is asked for."""
        if re.search(r"\bcolou?r\b.*\b(text|word|number)\b", self.text, re.I):
            for index, (_, scene) in enumerate(self.pictures):
                if scene.text and self.where in (None, index):
                    cells = [(index, min(scene.rows - 1, int(y * scene.rows)), min(scene.cols - 1, int(x * scene.cols))) for x, y in scene.prints[0][1]]
                    yield cells, data.COLOURS.index(scene.text_colour)

    def spans(self, text):
        asked = {id(t) for things in self.asked for t in things}
        for end, things, _ in self.phrases(text):
            m = next(m for m in PHRASE.finditer(text) if m.end() == end)
            meant = [t for t in things if id(t) in asked] or things
            if meant:
                article = ARTICLE.search(text[:m.start()])
                yield article.start() if article else m.start(), end, meant
        pool = self.pool()
        if pool and pool[0].shape == "bar" and pool[0].o["label"]:
            for m in re.finditer(r"(?:(?<=bar )|(?<=: )|(?<=, )|(?<=and )|^)([A-Z])\b(?! bar)", text):
                things = [t for t in pool if t.o["label"] == m[1]]
                if things:
                    yield m.start(), m.end(), things

    def print(self, text, start):
        """Words and numbers: the [IMG] tokens of the glyphs that a token spells. Of a bar the top tells what is printed there."""
        for index, (position, scene) in enumerate(self.pictures):
            if self.where not in (None, index) or scene.bars:
                continue
            for string, glyphs in scene.prints:
                at = text.upper().find(string) if len(string) > 1 else 0 if re.match(rf"{re.escape(string)}\b", text.upper()) else -1
                if at < 0:
                    continue
                self.spell(text, start, at, [(index, min(scene.rows - 1, int(y * scene.rows)), min(scene.cols - 1, int(x * scene.cols))) for x, y in glyphs])
            if scene.text and len(text) == 1 and text in (scene.text[0], scene.text[-1]):
                x, y = scene.prints[0][1][0 if re.search("first|begin", self.text) else -1]
                self.spell(text, start, 0, [(index, min(scene.rows - 1, int(y * scene.rows)), min(scene.cols - 1, int(x * scene.cols)))])

    def spell(self, text, start, at, cells):
        here = 0
        for i, token in enumerate(encode(text)):
            piece = len(decode([token]))
            mine = cells[max(0, here - at):max(0, here + piece - at)] if here + piece > at else []
            if mine:
                first = max(0, here - at)
                glyph = data.CHARS.index(text[at + first].upper()) if text[at + first].upper() in data.CHARS else -1
                self.mark(start + i - 1, SAY, self.positions(mine), [-1] * (len(FACTS) - 1) + [glyph], spelt=[min(first, 11)])
            here += piece

    # -------------------------------------------------------------- copies

    def heard(self, text, start):
        """A text that later answers may copy from."""
        self.texts.append((text, start))

    def call(self, name, name_start, args, args_start):
        """The name and the keys come from the tools' definitions, the values from what was said."""
        tools = next(((t, s) for t, s in reversed(self.texts) if t.startswith('[{"type": "function"')), None)
        if not tools:
            return
        where = tools[0].find(f'"name": "{name}"')
        self.copy(name, name_start, 0, len(name), tools, where + 9)
        text, here = json.dumps(args, ensure_ascii=False), 0
        for key, value in args.items():
            here = text.index(f'"{key}": ', here) + 1
            self.copy(text, args_start, here, len(key), tools, tools[0].find(f'"{key}"', where) + 1)
            here += len(key) + 3
            value = str(value)
            here = text.find(value, here)
            if here < 0:
                return
            seen = value in data.SHAPES + data.COLOURS and self.pictures and value not in self.text
            for source in reversed([] if seen else self.texts):
                if value in source[0] and source is not tools:
                    self.copy(text, args_start, here, len(value), source, source[0].index(value))
                    break
            here += len(value)

    def repeat(self, text, start):
        """The parts of an answer in words that stand in an earlier text."""
        if not self.texts:
            return
        for m in [re.match(r"(?s).+", text), *re.finditer(r"[A-Z][a-z]+|\d[\d:]*|[a-z]+", text)]:
            if m.start() == 0 and m.end() < len(text) and m[0].isalpha():
                continue
            for source in reversed(self.texts):
                found = re.search(rf"(?<!\w){re.escape(m[0])}(?!\w)", source[0])
                if found and not source[0].startswith('[{"type"'):
                    self.copy(text, start, m.start(), m.end() - m.start(), source, found.start())
                    if m.end() == len(text):
                        return
                    break

    def copy(self, text, start, at, length, source, source_at):
        """text[at : at + length] is source[source_at : ...]: marks the token before each of its tokens."""
        ends, total = [], 0
        for token in encode(source[0]):
            total += len(decode([token]))
            ends.append(total)
        here, i = 0, 0
        for n, token in enumerate(encode(text)):
            piece = len(decode([token]))
            char = max(here, at)
            if char < min(here + piece, at + length):
                goal = source_at + char - at
                while i < len(ends) - 1 and ends[i] <= goal:
                    i += 1
                self.mark(start + n - 1, COPY, [source[1] + i])
            here += piece

    # -------------------------------------------------------------- what every [IMG] token should know

    def grid(self):
        """(position, row, column, picture, glyphs up to here) of every [IMG], [IMG_BREAK] and [IMG_END]."""
        for index, (start, scene) in enumerate(self.pictures):
            glyphs = [(int(y * scene.rows), int(x * scene.cols)) for _, g in scene.prints for x, y in g] if scene.text else []
            for r in range(scene.rows):
                for c in range(scene.cols + 1):
                    seen = sum(g < (r, c) or g == (r, c) for g in glyphs)
                    yield start + r * (scene.cols + 1) + c, r, c, min(index, 9), min(seen, 11)

"""Draws Breeze's pictures: shapes, printed words and numbers, small bar charts, empty or noisy ones.

A scene is drawn as polygons and glyphs on a canvas of some size and then brought to the network's
grid by the very rule of mistral-common (OpenCV bicubic, float32, no antialias). Every scene also
carries dense targets per 14-pixel patch (what covers it, which object or glyph has its middle there);
train.py uses them for auxiliary losses that never leave the training run.
"""
import colorsys
import math
import random
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

cv2.setNumThreads(1)

UNIT = 28
MAX_SIDE = 224
SHAPES = ["circle", "square", "triangle", "rectangle", "oval", "diamond", "star", "heart", "cross", "hexagon", "arrow", "moon"]
BAR = len(SHAPES)                      # class index of a bar in the dense targets
SHAPE_CLASSES = len(SHAPES) + 2        # + bar + none
COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray"]
COLOUR_CLASSES = len(COLOURS) + 1
CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
CHAR_CLASSES = len(CHARS) + 1
MOST = 20                              # the highest number above a bar
NONE_SHAPE, NONE_COLOUR, NONE_CHAR, NONE_NUMBER = SHAPE_CLASSES - 1, COLOUR_CLASSES - 1, CHAR_CLASSES - 1, MOST + 1

# Hue in degrees, saturation and value; gaps between the boxes keep the names unambiguous.
HSV = {
    "red": ((-8, 8), (.75, 1), (.72, 1)),
    "orange": ((23, 38), (.8, 1), (.9, 1)),
    "yellow": ((49, 61), (.65, 1), (.9, 1)),
    "green": ((95, 150), (.5, 1), (.42, 1)),
    "blue": ((202, 242), (.55, 1), (.55, 1)),
    "purple": ((266, 302), (.45, 1), (.42, .8)),
    "pink": ((318, 350), (.22, .62), (.94, 1)),
    "brown": ((12, 30), (.5, .88), (.32, .58)),
    "black": ((0, 360), (0, .3), (0, .13)),
    "white": ((0, 360), (0, .03), (.95, 1)),
    "gray": ((0, 360), (0, .06), (.4, .7)),
}

WORDS = sorted(set(Path(__file__).with_name("words.txt").read_text().split()))

FONT_FOLDERS = ["/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/opentype/urw-base35",
                "/usr/share/fonts/truetype/noto", "/usr/share/fonts/truetype/liberation"]
FONT_NAMES = """DejaVuSans DejaVuSans-Bold DejaVuSansMono DejaVuSansMono-Bold DejaVuSerif DejaVuSerif-Bold DejaVuSansCondensed
NimbusSans-Regular NimbusSans-Bold NimbusSansNarrow-Bold NimbusRoman-Regular NimbusRoman-Bold NimbusMonoPS-Bold P052-Roman P052-Bold
C059-Roman C059-Bold URWBookman-Light URWBookman-Demi URWGothic-Book URWGothic-Demi NotoSans-Regular NotoSans-Bold NotoSerif-Regular
NotoSerif-Bold NotoSansMono-Bold NotoSansDisplay-Regular LiberationSans-Regular LiberationSans-Bold DejaVuSans-Oblique NimbusSans-BoldItalic""".split()


@lru_cache(None)
def fonts():
    found = []
    for name in FONT_NAMES:
        for folder in FONT_FOLDERS:
            for ext in (".ttf", ".otf"):
                path = Path(folder, name + ext)
                if path.exists():
                    found.append(str(path))
    return found


@lru_cache(None)
def font(path, size):
    return ImageFont.truetype(path, size)


def pick_colour(rng, name):
    h, s, v = (rng.uniform(*span) for span in HSV[name])
    r, g, b = colorsys.hsv_to_rgb((h % 360) / 360, s, v)
    return (r * 255, g * 255, b * 255)


def distance(a, b):
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b)))


# ---------------------------------------------------------------- shapes as polygons in [-1, 1]

def ngon(n, turn=0.0):
    return [(math.cos(turn + 2 * math.pi * i / n), math.sin(turn + 2 * math.pi * i / n)) for i in range(n)]


CIRCLE = ngon(36)
HEART = [(16 * math.sin(t) ** 3 / 17, -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 17)
         for t in (2 * math.pi * i / 32 for i in range(32))]


def star_points(rng):
    inner = rng.uniform(.36, .52)
    pts = []
    for i in range(10):
        r = 1 if i % 2 == 0 else inner
        a = -math.pi / 2 + math.pi * i / 5
        pts.append((r * math.cos(a), r * math.sin(a)))
    return pts


def moon_points(rng):
    cut = rng.uniform(.4, .6)          # the second circle's shift; its radius makes the tips meet
    a0 = math.radians(rng.uniform(50, 65))
    outer = [(math.cos(a), math.sin(a)) for a in np.linspace(a0, 2 * math.pi - a0, 24)]
    tip = outer[0]
    r = math.hypot(tip[0] - cut, tip[1])
    b0 = math.atan2(tip[1], tip[0] - cut)
    inner = [(cut + r * math.cos(b), r * math.sin(b)) for b in np.linspace(2 * math.pi - b0, b0, 20)]
    return outer + inner


def shape_polygon(rng, shape):
    """Unit polygon (bounding radius about 1) with the shape's own free choices made."""
    deg = rng.uniform(-10, 10) if rng.random() < .35 else 0.0
    if shape == "circle":
        pts = CIRCLE
    elif shape == "oval":
        b = rng.uniform(.45, .65)
        pts = [(x, b * y) for x, y in CIRCLE]
        deg = rng.choice([0, 0, 90, rng.uniform(0, 180)])
    elif shape == "square":
        pts = [(-.8, -.8), (.8, -.8), (.8, .8), (-.8, .8)]
    elif shape == "rectangle":
        b = rng.uniform(.35, .6)
        pts = [(-1, -b), (1, -b), (1, b), (-1, b)]
        if rng.random() < .4:
            deg += 90
    elif shape == "triangle":
        kind = rng.random()
        if kind < .75:
            w = rng.uniform(.75, 1)
            pts = [(0, -1), (w, .75), (-w, .75)]
        else:
            pts = [(-.85, -.85), (.85, .85), (-.85, .85)]
        if rng.random() < .2:
            deg += rng.choice([90, 180, 270])
    elif shape == "diamond":
        w = rng.uniform(.6, 1)
        pts = [(0, -1), (w, 0), (0, 1), (-w, 0)]
        deg *= .5
    elif shape == "star":
        pts = star_points(rng)
        deg *= 2
    elif shape == "heart":
        pts = HEART
    elif shape == "cross":
        a = rng.uniform(.24, .38)
        pts = [(-a, -1), (a, -1), (a, -a), (1, -a), (1, a), (a, a), (a, 1), (-a, 1), (-a, a), (-1, a), (-1, -a), (-a, -a)]
    elif shape == "hexagon":
        pts = ngon(6, rng.choice([0, math.pi / 6]))
    elif shape == "arrow":
        a, neck = rng.uniform(.16, .32), rng.uniform(-.05, .3)
        head = rng.uniform(.6, .8)
        pts = [(-1, -a), (neck, -a), (neck, -head), (1, 0), (neck, head), (neck, a), (-1, a)]
        deg = rng.choice([0, 90, 180, 270]) + deg
    else:
        pts = moon_points(rng)
        deg = rng.choice([0, 0, 180, 30, -30, 150, 210])
    t = math.radians(deg)
    c, s = math.cos(t), math.sin(t)
    return np.array([(x * c - y * s, x * s + y * c) for x, y in pts], np.float32)


# ---------------------------------------------------------------- backgrounds

_noise_bank = None


def noise(rng, h, w):
    """A crop of a fixed noise sheet: fresh noise for every picture would cost more than drawing it."""
    global _noise_bank
    if _noise_bank is None:
        gen = np.random.default_rng(5)
        fine = gen.normal(0, 1, (1100, 1100, 1)).astype(np.float32)
        soft = cv2.GaussianBlur(gen.normal(0, 1, (1100, 1100)).astype(np.float32), (0, 0), 2.5)[..., None] * 6
        _noise_bank = [fine, soft]
    bank = _noise_bank[rng.random() < .4]
    y, x = rng.randrange(1100 - h), rng.randrange(1100 - w)
    return bank[y:y + h, x:x + w]


def background_colours(rng):
    """One colour, or two for a gradient."""
    kind = rng.random()
    if kind < .27:
        return [(255, 255, 255)]
    if kind < .50:
        base = rng.uniform(228, 253)
        return [tuple(base - rng.uniform(0, 14) for _ in range(3))]
    if kind < .60:
        g = rng.uniform(150, 225)
        return [(g, g, g)]
    if kind < .72:
        g = rng.uniform(5, 60)
        return [tuple(min(255, g + rng.uniform(0, 22)) for _ in range(3))]
    if kind < .88:
        return [tuple(c * 255 for c in colorsys.hsv_to_rgb(rng.random(), rng.uniform(.08, .5), rng.uniform(.6, 1)))]
    h = rng.random()
    first = colorsys.hsv_to_rgb(h, rng.uniform(0, .35), rng.uniform(.6, 1))
    second = colorsys.hsv_to_rgb(h + rng.uniform(-.1, .1), rng.uniform(0, .45), rng.uniform(.5, 1))
    return [tuple(c * 255 for c in first), tuple(c * 255 for c in second)]


def paint_background(rng, h, w, colours):
    if len(colours) == 1:
        return np.full((h, w, 3), colours[0], np.uint8)
    t = np.linspace(0, 1, w if rng.random() < .4 else h, dtype=np.float32)
    ramp = np.array(colours[0], np.float32) * (1 - t)[:, None] + np.array(colours[1], np.float32) * t[:, None]
    ramp = ramp[:, None] if len(t) == h and h != w else ramp[None, :] if len(t) == w else ramp[:, None]
    return np.ascontiguousarray(np.broadcast_to(ramp, (h, w, 3)).astype(np.uint8))


def far_from(rng, backs, names=COLOURS, gap=95):
    """A colour name and value that stands out from the background colours."""
    for _ in range(30):
        name = rng.choice(names)
        value = pick_colour(rng, name)
        if all(distance(value, b) > gap for b in backs):
            return name, value
    dark = sum(backs[0]) > 380
    return ("black", (0, 0, 0)) if dark else ("white", (255, 255, 255))


# ---------------------------------------------------------------- canvas

class Canvas:
    """A picture being drawn at w x h for the grid (rows, cols) of merged tokens, with its dense targets."""

    def __init__(self, rng, rows, cols, w, h, backs):
        self.rng, self.rows, self.cols, self.w, self.h = rng, rows, cols, w, h
        self.backs = backs
        self.sx, self.sy = cols * UNIT / w, rows * UNIT / h   # canvas -> grid pixels
        self.scale = 2 if w * h < 30000 and rng.random() < .4 else 1   # supersampling
        self.smooth = self.scale == 1 and rng.random() < .7            # OpenCV's antialiased edges
        self.img = paint_background(rng, h * self.scale, w * self.scale, backs)
        shape = (rows * 2, cols * 2)
        self.cover_shape = np.full(shape, NONE_SHAPE, np.int64)
        self.cover_colour = np.full(shape, NONE_COLOUR, np.int64)
        self.obj_shape = np.full(shape, NONE_SHAPE, np.int64)
        self.obj_colour = np.full(shape, NONE_COLOUR, np.int64)
        self.char = np.full(shape, NONE_CHAR, np.int64)
        self.prints = []
        self.size = np.zeros(shape, np.float32)
        self.offset = np.zeros((*shape, 2), np.float32)       # of the middle within its patch
        self.bar_label = np.full(shape, NONE_CHAR, np.int64)  # printed beneath the bar whose top is here
        self.bar_number = np.full(shape, NONE_NUMBER, np.int64)

    def polygon(self, pts, colour, outline=None, thick=0, fill=True):
        """pts in canvas pixels."""
        fixed = np.round(pts * (self.scale * 16)).astype(np.int32)[None]
        line = cv2.LINE_AA if self.smooth else cv2.LINE_8
        if fill:
            cv2.fillPoly(self.img, fixed, colour, line, 4)
        if thick:
            cv2.polylines(self.img, fixed, True, outline if outline is not None else colour, max(1, round(thick * self.scale)), line, 4)

    def mark_cover(self, pts, shape, colour):
        # a patch is covered when its middle lies inside: shift by half a patch
        grid = pts * np.array([self.sx / 14, self.sy / 14], np.float32) - .5
        fixed = np.round(grid * 16).astype(np.int32)[None]
        mask = np.zeros(self.cover_shape.shape, np.uint8)
        cv2.fillPoly(mask, fixed, 1, cv2.LINE_8, 4)
        self.cover_shape[mask > 0] = shape
        self.cover_colour[mask > 0] = colour

    def cell(self, x, y):
        r = min(self.rows * 2 - 1, max(0, int(y * self.sy / 14)))
        c = min(self.cols * 2 - 1, max(0, int(x * self.sx / 14)))
        return r, c

    def mark_object(self, x, y, shape, colour, size):
        rc = self.cell(x, y)
        self.obj_shape[rc], self.obj_colour[rc], self.size[rc] = shape, colour, size
        self.offset[rc] = x * self.sx / 14 - rc[1] - .5, y * self.sy / 14 - rc[0] - .5
        return rc

    def text(self, string, cx, cy, width, height, colour, path=None, name=None):
        """Print string, fitted into width x height around (cx, cy); name is that of the colour. False when it would be too small to read."""
        path = path or self.rng.choice(fonts())
        s = self.scale
        probe = font(path, 40)
        left, top, right, bottom = probe.getbbox(string)
        size = int(min(40 * width * s / max(1, right - left), 40 * height * s / max(1, bottom - top)))
        if size < 7 or size * self.sx / s < 10:
            return False
        size = min(size, 24) if size < 24 else size // 2 * 2 if size < 80 else size // 8 * 8
        f = font(path, size)
        left, top, right, bottom = f.getbbox(string)
        mask = Image.new("L", (right - left + 2, bottom - top + 2))
        draw = ImageDraw.Draw(mask)
        if not self.smooth and s == 1:
            draw.fontmode = "1"
        draw.text((1 - left, 1 - top), string, 255, f)
        mask = np.asarray(mask)
        x0, y0 = round(cx * s - mask.shape[1] / 2), round(cy * s - mask.shape[0] / 2)
        self.blend(mask, x0, y0, colour)
        before, glyphs = 0.0, []
        self.prints.append((string.upper(), glyphs))
        for i, ch in enumerate(string):
            after = f.getlength(string[:i + 1])
            x = (x0 + 1 - left + (before + after) / 2) / s
            before = after
            glyphs.append((min(.999, max(0, x / self.w)), cy / self.h))
            if ch in CHARS:
                self.char[self.cell(x, cy)] = CHARS.index(ch)
                if name:
                    self.cover_colour[self.cell(x, cy)] = COLOURS.index(name)
        return True

    def blend(self, mask, x0, y0, colour):
        H, W = self.img.shape[:2]
        xa, ya, xb, yb = max(0, x0), max(0, y0), min(W, x0 + mask.shape[1]), min(H, y0 + mask.shape[0])
        if xa >= xb or ya >= yb:
            return
        alpha = mask[ya - y0:yb - y0, xa - x0:xb - x0, None].astype(np.float32) / 255
        part = self.img[ya:yb, xa:xb]
        part[:] = (part * (1 - alpha) + np.array(colour, np.float32) * alpha + .5).astype(np.uint8)

    def finish(self):
        """-> float pixels [rows*28, cols*28, 3] after noise, compression and the reference's resize."""
        rng, img = self.rng, self.img
        if self.scale > 1:
            img = cv2.resize(img, (self.w, self.h), interpolation=cv2.INTER_AREA)
        if rng.random() < .12:
            out = img + noise(rng, self.h, self.w) * rng.uniform(2, 12)
            img = np.clip(out, 0, 255).astype(np.uint8)
        if rng.random() < .06:
            img = cv2.GaussianBlur(img, (0, 0), rng.uniform(.4, .9) * max(1, 1 / self.sx))
        if rng.random() < .15:
            ok, packed = cv2.imencode(".jpg", img, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(55, 95)])
            img = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        out = img.astype(np.float32)
        if (self.w, self.h) != (self.cols * UNIT, self.rows * UNIT):
            out = cv2.resize(out, (self.cols * UNIT, self.rows * UNIT), interpolation=cv2.INTER_CUBIC)
        return out

    def targets(self):
        return {"cover_shape": self.cover_shape, "cover_colour": self.cover_colour, "obj_shape": self.obj_shape,
                "obj_colour": self.obj_colour, "char": self.char, "size": self.size,
                "offset": self.offset, "bar_label": self.bar_label, "bar_number": self.bar_number}


def grid_of(w, h, max_side=MAX_SIDE):
    """mistral-common's rule: merged-token rows and columns of a w x h picture."""
    ratio = max(h / max_side, w / max_side)
    if ratio > 1:
        w, h = round(w / ratio), round(h / ratio)
    return (max(h, 1) - 1) // UNIT + 1, (max(w, 1) - 1) // UNIT + 1


def source_size(rng, rows, cols):
    """A picture size that the reference rule brings to this grid: exact, odd, or large and shrunk."""
    long = max(rows, cols)
    if long * UNIT < MAX_SIDE or rng.random() < .25:
        if rng.random() < .7:
            return cols * UNIT, rows * UNIT
        return cols * UNIT - rng.randrange(20), rows * UNIT - rng.randrange(20)
    big = int(MAX_SIDE * (1 + rng.random() ** 2 * 2.4)) + rng.randrange(8)
    short_units = min(rows, cols)
    short = round(big * (short_units * UNIT - rng.choice([0, 0, rng.randrange(24)])) / MAX_SIDE)
    w, h = (big, short) if cols >= rows else (short, big)
    if rows == cols and rng.random() < .5:
        w, h = h, w
    return (w, h) if grid_of(w, h) == (rows, cols) else (cols * UNIT * 2, rows * UNIT * 2)


# ---------------------------------------------------------------- scenes

class Scene:
    """kind: shapes, word, number, bars or nothing; facts live in the matching fields."""

    def __init__(self, kind, rows, cols):
        self.kind, self.rows, self.cols = kind, rows, cols
        self.objects = []      # dicts: shape, colour, x, y (0..1), size
        self.groups = []       # (count, colour, shape) in reading order of the description
        self.text = None       # the word or number printed
        self.text_colour = None
        self.bars = []         # dicts: colour, value (0..1), label, number, x and y of the top (0..1)
        self.prints = []       # (string in capitals, [(x, y) of its glyphs, 0..1])
        self.width = None      # of the canvas, the unit of an object's size
        self.pixels = None
        self.targets = None


def new_canvas(rng, rows, cols):
    w, h = source_size(rng, rows, cols)
    return Canvas(rng, rows, cols, w, h, background_colours(rng))


def place(rng, w, h, n, r_min, r_max):
    """n circles without overlap inside w x h, or None."""
    for _ in range(6):
        spots = []
        same = rng.uniform(r_min, r_max) if rng.random() < .5 else None
        for _ in range(n):
            for _ in range(25):
                r = same or rng.uniform(r_min, r_max)
                if 2 * r + 2 > min(w, h):
                    r = min(w, h) / 2 - 2
                x, y = rng.uniform(r + 1, w - r - 1), rng.uniform(r + 1, h - r - 1)
                if all(math.hypot(x - a, y - b) > (r + q) * 1.04 + 1 for a, b, q in spots):
                    spots.append((x, y, r))
                    break
            else:
                break
        if len(spots) == n:
            return spots
        r_max = max(r_min, r_max * .8)
    return None


def draw_object(canvas, rng, shape, colour_name, colour, x, y, r):
    pts = shape_polygon(rng, shape) * r + np.array([x, y], np.float32)
    style = rng.random()
    outline, thick, fill = None, 0, True
    unit = 1 / max(canvas.sx, 1e-6)
    if style < .3:
        outline = rng.choice([(0, 0, 0), (40, 40, 40), tuple(c * .5 for c in colour), (255, 255, 255)])
        thick = rng.uniform(.8, 2.4) * unit
    elif style < .36 and r * canvas.sx > 13:
        fill, thick = False, rng.uniform(.16, .28) * r
    if rng.random() < .05:
        shade = tuple(c * .6 for c in canvas.backs[0])
        canvas.polygon(pts + np.float32(r * .1), shade)
    canvas.polygon(pts, colour, outline, thick, fill)
    si, ci = SHAPES.index(shape), COLOURS.index(colour_name)
    canvas.mark_cover(pts, si, ci)
    canvas.mark_object(x, y, si, ci, r * canvas.sx / 56)
    return {"shape": shape, "colour": colour_name, "x": x / canvas.w, "y": y / canvas.h, "size": r}


def shapes_scene(rng, rows, cols, most=6):
    """One to `most` objects, made of one to three groups of equal ones."""
    scene = Scene("shapes", rows, cols)
    canvas = new_canvas(rng, rows, cols)
    w, h = canvas.w, canvas.h
    n = min(rng.choice([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6]), most)
    kinds = 1 if n == 1 else min(n, rng.choice([1, 2, 2, 2, 3, 3, 4]))
    counts = [1] * kinds
    for _ in range(n - kinds):
        counts[rng.randrange(kinds)] += 1
    unit = 1 / min(canvas.sx, canvas.sy)
    r_min = 9.5 * unit
    r_max = max(r_min * 1.15, min(.46 * min(w, h), .42 * math.sqrt(w * h / n)))
    spots = place(rng, w, h, n, r_min, r_max)
    if spots is None:
        return shapes_scene(rng, rows, cols, max(1, n - 2))
    rng.shuffle(spots)
    types = []
    shared_shape = rng.choice(SHAPES) if rng.random() < .15 else None
    shared_colour = far_from(rng, canvas.backs)[0] if rng.random() < .15 else None
    for _ in range(kinds):
        for _ in range(20):
            shape = shared_shape or rng.choice(SHAPES)
            colour = far_from(rng, canvas.backs, [shared_colour] if shared_colour else COLOURS)[0]
            if (shape, colour) not in types:
                break
        else:
            return shapes_scene(rng, rows, cols, most)
        types.append((shape, colour))
    order = [t for t, c in zip(types, counts) for _ in range(c)]
    for (shape, colour), (x, y, r) in zip(order, spots):
        value = far_from(rng, canvas.backs, [colour], 80)
        if value[0] != colour:
            return shapes_scene(rng, rows, cols, most)
        scene.objects.append(draw_object(canvas, rng, shape, colour, value[1], x, y, r))
    scene.groups = [(c, t[1], t[0]) for t, c in zip(types, counts)]
    return close(scene, canvas)


def close(scene, canvas):
    scene.pixels = canvas.finish()
    scene.prints, scene.width = canvas.prints, canvas.w
    scene.targets = canvas.targets()
    return scene


def print_case(rng, word):
    k = rng.random()
    return word.upper() if k < .5 else word.capitalize() if k < .8 else word


def text_scene(rng, rows, cols, number=False, string=None):
    """A word or a number, on the bare background or on a sign, now and then with a shape above or below."""
    scene = Scene("number" if number else "word", rows, cols)
    canvas = new_canvas(rng, rows, cols)
    w, h = canvas.w, canvas.h
    room = cols * UNIT / 15
    if number:
        digits = min(rng.choice([1, 2, 2, 3, 3, 4]), int(room))
        string = str(rng.randrange(10 ** (digits - 1) if digits > 1 else 0, 10 ** digits))
    elif string is None:
        for _ in range(50):
            string = print_case(rng, rng.choice(WORDS))
            if len(string) <= room:
                break
        else:
            string = "NO"
    cx, cy = w / 2, h / 2
    box_w, box_h = w * rng.uniform(.74, .97), h * rng.uniform(.45, .85)
    if rng.random() < .2 and rows >= 4:       # a shape beside the text
        up = rng.random() < .5
        r = h * rng.uniform(.15, .19)
        name, value = far_from(rng, canvas.backs)
        shape = rng.choice(SHAPES)
        sy = h * .23 if up else h * .77
        scene.objects.append(draw_object(canvas, rng, shape, name, value, rng.uniform(r + 2, w - r - 2), sy, r))
        scene.groups = [(1, name, shape)]
        cy, box_h = (h * .7, h * .42) if up else (h * .3, h * .42)
    backs = canvas.backs
    if rng.random() < .35:                    # a sign board
        bh = min(box_h * 1.1, h * .94)
        board = far_from(rng, backs, gap=40)[1]
        x0, x1, y0, y1 = cx - box_w / 2, cx + box_w / 2, cy - bh / 2, cy + bh / 2
        x0, x1, y0, y1 = max(1, x0), min(w - 2, x1), max(1, y0), min(h - 2, y1)
        pts = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)
        rim = far_from(rng, [board])[1]
        if rng.random() < .25 and not scene.objects:    # on a post
            half, post = w * rng.uniform(.01, .03), pick_colour(rng, rng.choice(["gray", "brown", "black"]))
            canvas.polygon(np.array([(cx - half, y0), (cx + half, y0), (cx + half, h), (cx - half, h)], np.float32), post)
        canvas.polygon(pts, board, rim, rng.choice([0, 1, 2, 3]) / canvas.sx)
        backs = [board]
        box_w, box_h = (x1 - x0) * rng.uniform(.84, .95), (y1 - y0) * rng.uniform(.55, .85)
    name, value = far_from(rng, backs, ["black"] * 6 + ["white"] * 5 + COLOURS, 120)
    slack_x = max(0, w - box_w) / 2 * .6 if len(backs) and backs is canvas.backs else 0
    cx += rng.uniform(-slack_x, slack_x)
    if not canvas.text(string, cx, cy, box_w, box_h, value, name=name):
        return text_scene(rng, rows, cols, number)
    scene.text, scene.text_colour = string.upper(), name      # answers are in capitals: a third of the spellings to learn
    return close(scene, canvas)


def bars_scene(rng, rows, cols):
    """Two to five vertical bars, told apart by colour or by a letter beneath."""
    scene = Scene("bars", rows, cols)
    canvas = new_canvas(rng, rows, cols)
    if len(canvas.backs) > 1:
        canvas.backs = canvas.backs[:1]
        canvas.img[:] = np.array(canvas.backs[0], np.uint8)
    w, h = canvas.w, canvas.h
    unit = 1 / min(canvas.sx, canvas.sy)
    n = rng.choice([2, 3, 3, 4, 4, 5])
    n = min(n, int(cols * UNIT / 20))
    labelled = rng.random() < .4 and cols * UNIT / n >= 24
    one_colour = labelled and rng.random() < .35
    numbered = rng.random() < .25 and cols * UNIT / n >= 28
    bottom = h * (.84 if labelled else rng.uniform(.9, .97))
    top = max(h * .2, 19 * unit) if numbered else h * .06
    if labelled:
        bottom = min(bottom, h - 19 * unit)
    values = []
    for _ in range(200):
        v = rng.uniform(.1, 1)
        if all(abs(v - u) > .11 for u in values):
            values.append(v)
        if len(values) == n:
            break
    n = len(values)
    if rng.random() < .6:
        big = max(values)
        values = [v / big * rng.uniform(.9, 1) if v == big else v for v in values]
    ink = (0, 0, 0) if sum(canvas.backs[0]) > 380 else (235, 235, 235)
    left = w * rng.uniform(.03, .12)
    pitch = (w * rng.uniform(.93, .98) - left) / n
    width = pitch * rng.uniform(.5, .88)
    if rng.random() < .35:
        grid_colour = tuple(.8 * b + .2 * i for b, i in zip(canvas.backs[0], ink))
        for k in range(1, 5):
            y = bottom - (bottom - top) * k / 4
            canvas.polygon(np.array([(left, y), (w * .98, y)], np.float32), grid_colour, None, 1 * unit, False)
    if rng.random() < .7:
        axis = max(1, rng.uniform(.8, 2) * unit)
        canvas.polygon(np.array([(left - 1, bottom), (w * .98, bottom)], np.float32), ink, None, axis, False)
        if rng.random() < .6:
            canvas.polygon(np.array([(left - 1, top), (left - 1, bottom)], np.float32), ink, None, axis, False)
    letters = "ABCDEFGH" if rng.random() < .7 else rng.sample("ABCDEFGHJKLMNPRSTUVWXYZ", 8)
    used = []
    numbers = [max(1, round(v * 20)) if rng.random() < 2 else 0 for v in values]
    base = far_from(rng, canvas.backs)
    outline_thick = rng.uniform(.8, 1.6) * unit if rng.random() < .3 else 0
    path = rng.choice(fonts())
    for i, v in enumerate(values):
        for _ in range(40):
            name, colour = base if one_colour else far_from(rng, canvas.backs)
            if one_colour or name not in used:
                break
        used.append(name)
        x = left + pitch * (i + .5)
        y = bottom - (bottom - top) * v
        pts = np.array([(x - width / 2, y), (x + width / 2, y), (x + width / 2, bottom), (x - width / 2, bottom)], np.float32)
        canvas.polygon(pts, colour, ink, outline_thick)
        ci = COLOURS.index(name)
        canvas.mark_cover(pts, BAR, ci)
        rc = canvas.mark_object(x, y + 3 * unit, BAR, ci, v)
        label = letters[i] if labelled else None
        if labelled:
            canvas.text(label, x, bottom + 10 * unit, pitch, 15 * unit, ink, path)
            canvas.bar_label[rc] = CHARS.index(label)
        if numbered:
            canvas.text(str(numbers[i]), x, y - 9 * unit, pitch * .95, 14 * unit, ink, path)
            canvas.bar_number[rc] = numbers[i]
        scene.bars.append({"colour": name, "value": v, "label": label, "number": numbers[i] if numbered else None, "x": x / w, "y": y / h})
    if not one_colour and len(set(used)) < n:
        return bars_scene(rng, rows, cols)
    return close(scene, canvas)


def nothing_scene(rng, rows, cols):
    """No shape that Breeze knows: plain, a gradient, strong noise, blotches."""
    scene = Scene("nothing", rows, cols)
    canvas = new_canvas(rng, rows, cols)
    kind = rng.random()
    if kind < .5:
        amount = rng.uniform(15, 60)
        tint = np.array([rng.uniform(.3, 1) for _ in range(3)], np.float32)
        out = canvas.img + noise(rng, *canvas.img.shape[:2]) * amount * tint
        canvas.img = np.clip(out, 0, 255).astype(np.uint8)
        if kind < .25:
            small = cv2.resize(canvas.img, (rng.randint(4, 9), rng.randint(4, 9)), interpolation=cv2.INTER_NEAREST)
            small = np.clip(small + np.array([[[rng.uniform(-60, 60) for _ in range(3)] for _ in range(small.shape[1])]
                                             for _ in range(small.shape[0])]), 0, 255).astype(np.uint8)
            canvas.img = cv2.resize(small, (canvas.img.shape[1], canvas.img.shape[0]), interpolation=cv2.INTER_CUBIC)
    return close(scene, canvas)


def page_scene(rng, rows, cols):
    """Lines of random words and letters: many glyphs per picture, for the tower's own stage."""
    scene = Scene("page", rows, cols)
    canvas = new_canvas(rng, rows, cols)
    w, h = canvas.w, canvas.h
    unit = 1 / min(canvas.sx, canvas.sy)
    base = rng.choice([14, 16, 20, 26, 34, 46]) * unit
    path, value = rng.choice(fonts()), far_from(rng, canvas.backs, ["black", "black", "white", "white"] + COLOURS, 120)[1]
    y = rng.uniform(2, 8) * unit
    while y + base * .8 < h:
        size = min(base * rng.uniform(.85, 1.3), h - y)
        room = max(1, int(w / (size * .85)))
        if rng.random() < .5:
            line = "".join(rng.choice(CHARS) for _ in range(rng.randint(max(1, room // 2), room)))
        else:
            line = print_case(rng, rng.choice(WORDS))
            while len(line) + 5 < room:
                line += " " + print_case(rng, rng.choice(WORDS))
            line = line[:room + 1].strip()
        if rng.random() < .4:
            path, value = rng.choice(fonts()), far_from(rng, canvas.backs, COLOURS, 120)[1]
        canvas.text(line, w / 2, y + size / 2, w * .96, size, value, path)
        y += size * rng.uniform(1.15, 1.5)
    return close(scene, canvas)


def crowd_scene(rng, rows, cols):
    """Many small objects, for the tower's own stage."""
    scene = Scene("crowd", rows, cols)
    canvas = new_canvas(rng, rows, cols)
    w, h = canvas.w, canvas.h
    unit = 1 / min(canvas.sx, canvas.sy)
    spots = []
    for _ in range(60):
        r = rng.uniform(9, rng.choice([14, 20, 34])) * unit
        if 2 * r + 2 >= min(w, h):
            continue
        x, y = rng.uniform(r + 1, w - r - 1), rng.uniform(r + 1, h - r - 1)
        if all(math.hypot(x - a, y - b) > (r + q) * 1.03 + 1 for a, b, q in spots):
            spots.append((x, y, r))
    for x, y, r in spots[:24]:
        name, value = far_from(rng, canvas.backs)
        scene.objects.append(draw_object(canvas, rng, rng.choice(SHAPES), name, value, x, y, r))
    return close(scene, canvas)


GRIDS_SMALL = [(3, 3), (3, 4), (4, 3), (4, 4), (4, 4), (4, 5), (5, 4), (5, 5), (3, 5), (5, 3)]
GRIDS_WIDE = [(2, 4), (2, 5), (3, 5), (2, 6), (3, 6), (4, 5), (4, 6), (3, 7)]
GRIDS_BIG = [(6, 8), (6, 8), (6, 8), (8, 8), (8, 8), (5, 8), (5, 8), (4, 8), (3, 8), (7, 8), (8, 6), (8, 5), (8, 7), (6, 6), (6, 7), (2, 8)]

MAKERS = {"shapes": shapes_scene, "word": text_scene, "number": lambda r, a, b: text_scene(r, a, b, True),
          "bars": bars_scene, "nothing": nothing_scene,
          "page": page_scene, "crowd": crowd_scene}


def draw(rng, kind, rows, cols):
    return MAKERS[kind](rng, rows, cols)


def pick_grid(rng, kind, big=.3):
    if rng.random() < big:
        return rng.choice(GRIDS_BIG)
    if kind == "word":
        return rng.choice(GRIDS_WIDE)
    return rng.choice(GRIDS_SMALL)


if __name__ == "__main__":
    import sys
    import time
    rng = random.Random(1)
    sheet = np.full((6 * 232, 10 * 232, 3), 90, np.uint8)
    t0 = time.time()
    for i in range(60):
        kind = rng.choice(list(MAKERS) if len(sys.argv) < 3 else [sys.argv[2]])
        s = draw(rng, kind, *pick_grid(rng, kind, .5))
        px = np.clip(s.pixels, 0, 255).astype(np.uint8)
        y, x = i // 10 * 232, i % 10 * 232
        sheet[y:y + px.shape[0], x:x + px.shape[1]] = px
    print((time.time() - t0) / 60 * 1000, "ms per picture")
    Image.fromarray(sheet).save(sys.argv[1] if len(sys.argv) > 1 else "sheet.png")
    for kind in MAKERS:
        t0 = time.time()
        for i in range(200):
            draw(rng, kind, *pick_grid(rng, kind, .3))
        print(kind, (time.time() - t0) / 200 * 1000, "ms")

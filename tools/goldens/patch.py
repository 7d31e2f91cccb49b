"""Writes the pictures and the expected numbers of model/imageproc/testdata.

Every number comes from mistral-common's ImageEncoder (patch 14, longest side
1540, merge 2); pictures with an EXIF orientation are turned upright by Pillow
first. The pictures are drawn here and kept small. Run from the repository's root:

    python tools/goldens/patch.py

Needs mistral-common[opencv]; goldens.json names the versions it was made with.
"""

import io
import json
import pathlib
import struct
import zlib

import cv2
import mistral_common
import numpy as np
import PIL
from mistral_common.protocol.instruct.chunk import ImageChunk
from mistral_common.tokens.tokenizers.image import ImageConfig, ImageEncoder, SpecialImageIDs
from PIL import Image, ImageOps

OUT = pathlib.Path(__file__).parents[2] / "model" / "patch" / "testdata"
IDS = SpecialImageIDs(img=10, img_break=12, img_end=13)
SAMPLES = 200
pictures = []


def encoder(patch=14, longest=1540, merge=2):
    return ImageEncoder(ImageConfig(patch, longest, merge), IDS)


def add(name, data, mean_error=0.0, exact=False):
    """Writes a picture and what the reference makes of it.

    mean_error > 0 asks for the mean of the errors only: decoders differ.
    exact asks for equality of every bit.
    """
    (OUT / name).write_bytes(data)
    image = Image.open(io.BytesIO(data))
    if image.format != "TIFF":  # Pillow turns those itself
        image = ImageOps.exif_transpose(image)
    image.load()
    encoded = encoder()(ImageChunk(image=image))
    flat = encoded.image.astype(np.float32).ravel()
    step = max(1, flat.size // SAMPLES)
    while step > 1 and any(step % k == 0 for k in range(2, int(step**0.5) + 1)):
        step -= 1  # a prime step visits every column, row and channel
    pictures.append({
        "file": name, "upright": list(image.size),
        "resized": [encoded.image.shape[2], encoded.image.shape[1]], "tokens": len(encoded.tokens),
        "mean_error": mean_error, "exact": exact, "step": step,
        "samples": [float(f"{v:.9g}" if exact else f"{v:.5f}") for v in flat[::step]],
    })


# --- drawing ---------------------------------------------------------------

def scene(w, h):
    """A smooth picture with sharp coloured edges: [h, w, 3] uint8."""
    y, x = np.mgrid[0:h, 0:w]
    a = np.stack([255 * x / max(w - 1, 1), 255 * y / max(h - 1, 1), 255 * (x + y) / max(w + h - 2, 1)], -1)
    a[(x - 0.3 * w) ** 2 + (y - 0.4 * h) ** 2 < (0.2 * min(w, h)) ** 2] = (230, 20, 40)
    a[(abs(x - 0.7 * w) < 0.12 * w) & (abs(y - 0.6 * h) < 0.2 * h)] = (10, 90, 250)
    a[::7, :: max(1, w // 9)] = (255, 255, 0)
    return a.astype(np.uint8)


def noise(w, h, channels=3, top=256):
    return np.random.default_rng(w * 1000 + h).integers(0, top, (h, w, channels)).astype(np.uint8)


def veil(w, h):
    """Alpha from clear to opaque, both ends included: [h, w, 1] uint8."""
    y, x = np.mgrid[0:h, 0:w]
    return np.clip((x * 300 // max(w - 1, 1)) - 20 + y % 3, 0, 255).astype(np.uint8)[..., None]


# --- PNG by hand, because Pillow writes only some kinds --------------------

def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def packed_rows(samples, depth):
    """Rows with filter byte 0 from [h, w, c] samples of 1..16 bits."""
    rows = []
    for row in samples.reshape(samples.shape[0], -1):
        if depth == 16:
            body = row.astype(">u2").tobytes()
        elif depth == 8:
            body = row.astype(np.uint8).tobytes()
        else:
            bits = (row[:, None].astype(int) >> np.arange(depth - 1, -1, -1)) & 1
            body = np.packbits(bits.ravel().astype(np.uint8)).tobytes()
        rows.append(b"\0" + body)
    return b"".join(rows)


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, depth, kind, before=b"", interlaced=False):
    h, w = samples.shape[:2]
    body = packed_rows(samples, depth)
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        body = b"".join(packed_rows(p, depth) for p in passes if p.size)
    head = struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before
            + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b""))


def save(image, kind, **options):
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_kinds():
    w, h = 41, 30
    rgb, grey, alpha = scene(w, h), scene(w, h)[..., :1], veil(w, h)
    trns = lambda *v: chunk(b"tRNS", struct.pack(f">{len(v)}H", *v))
    wide = rgb.astype(np.uint16) * 257 - 19 * (rgb > 0)
    wide_grey = (np.mgrid[0:h, 0:w][1] * 9)[..., None]  # crosses 255, where Pillow cuts
    colours = np.array([[10, 20, 30], [250, 60, 0], [0, 200, 90], [90, 100, 255]] * 4, np.uint8)
    plte = lambda n: chunk(b"PLTE", colours[:n].tobytes())
    index = lambda n: (np.mgrid[0:h, 0:w].sum(0) // 3 % n)[..., None]
    clear = chunk(b"tRNS", bytes([0, 128, 255, 77]))
    for depth in (1, 2, 4, 8):
        add(f"grey{depth}.png", png(grey >> (8 - depth), depth, 0))
    add("grey1-clear.png", png(grey >> 7, 1, 0, trns(0)))
    add("grey2-clear.png", png(grey >> 6, 2, 0, trns(2)))
    add("grey4-clear.png", png(grey >> 4, 4, 0, trns(0)))
    add("grey8-clear.png", png(grey // 64 * 64, 8, 0, trns(64)))
    add("grey16.png", png(wide_grey, 16, 0))
    add("grey16-clear.png", png(wide_grey, 16, 0, trns(0x0100 + 90)))
    add("rgb8-clear.png", png(rgb // 128 * 128, 8, 2, trns(128, 0, 0)))
    add("rgb8-interlaced.png", png(rgb, 8, 2, interlaced=True))
    add("rgb16.png", png(wide, 16, 2))
    add("rgb16-clear.png", png(wide, 16, 2, trns(*[int(v) for v in wide[0, 0]])))
    add("palette1.png", png(index(2), 1, 3, plte(2) + chunk(b"tRNS", bytes([130, 255]))))
    add("palette2.png", png(index(4), 2, 3, plte(4)))
    add("palette4.png", png(index(16), 4, 3, plte(16) + clear, interlaced=True))
    add("palette8.png", png(index(19), 8, 3, plte(16) + clear))  # three indices have no colour
    add("greyalpha8.png", png(np.concatenate([grey, alpha], -1), 8, 4))
    add("greyalpha16.png", png(np.concatenate([grey, alpha], -1).astype(np.uint16) * 256 + 200, 16, 4))
    add("rgba8.png", png(np.concatenate([rgb, alpha], -1), 8, 6))
    add("rgba8-interlaced.png", png(np.concatenate([rgb, alpha], -1), 8, 6, interlaced=True))
    add("rgba16.png", png(np.concatenate([wide, alpha.astype(np.uint16) * 256 + 7], -1), 16, 6))
    frames = [Image.fromarray(scene(w, h)), Image.fromarray(255 - scene(w, h))]
    add("animated.png", save(frames[0], "PNG", save_all=True, append_images=frames[1:]))


def png_sizes():
    for w, h in [(1, 1), (2, 2), (3, 5), (4, 4), (29, 28), (28, 29), (100, 50), (2, 61)]:
        add(f"size-{w}x{h}.png", save(noise(w, h), "PNG"))
    add("size-5x1800.png", save(noise(5, 1800, top=2) * 255, "PNG", optimize=True))
    add("size-10000x3.png", save(noise(10000, 3, top=2) * 255, "PNG", optimize=True))
    add("size-9000x8.png", save(noise(9000, 8, 1, top=2)[..., 0] * 255, "PNG", optimize=True))
    add("size-1541x533.png", save(scene(1541, 533) // 32 * 32, "PNG", optimize=True))
    add("size-2000x1700.png", save(scene(2000, 1700)[..., 0] // 64 * 64, "PNG", optimize=True))
    add("identity-28x28.png", save(noise(28, 28), "PNG"), exact=True)
    add("identity-112x84.png", save(noise(112, 84, 1)[..., 0], "PNG"), exact=True)
    steps = np.arange(256).reshape(16, 16).repeat(28, 0).repeat(7, 1)  # every value of a byte
    add("identity-112x448.png", save(steps.astype(np.uint8), "PNG", optimize=True), exact=True)


def jpegs():
    near = 0.02
    rgb = scene(75, 51)
    for name, mode in [("444", 0), ("422", 1), ("420", 2)]:
        add(f"ycc{name}.jpg", save(rgb, "JPEG", quality=85, subsampling=mode), near)
    add("progressive.jpg", save(rgb, "JPEG", quality=85, progressive=True), near)
    add("grey.jpg", save(rgb[..., 1], "JPEG", quality=85), near)
    add("rgb.jpg", save(rgb, "JPEG", quality=85, keep_rgb=True), near)
    add("cmyk.jpg", save(Image.fromarray(rgb).convert("CMYK"), "JPEG", quality=85), near)
    add("narrow.jpg", save(scene(3, 40), "JPEG", quality=85), near)
    for o in range(1, 9):
        add(f"turned{o}.jpg", save(scene(60, 34), "JPEG", quality=70, exif=turned(o)), near)


def turned(orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    return exif


def others():
    near = 0.02
    rgb = scene(64, 45)
    rgba = np.concatenate([rgb, veil(64, 45)], -1)
    add("turned6.png", save(rgb, "PNG", exif=turned(6)))
    add("turned8.webp", save(rgb, "WEBP", lossless=True, exif=turned(8)))
    add("turned5.tif", save(rgb, "TIFF", compression="tiff_lzw", tiffinfo={0x112: 5}))
    add("lossy.webp", save(rgb, "WEBP", quality=80), near)
    add("lossy-alpha.webp", save(rgba, "WEBP", quality=80), near)
    add("lossless.webp", save(rgb, "WEBP", lossless=True))
    add("lossless-alpha.webp", save(rgba, "WEBP", lossless=True, exact=True))
    two = [Image.fromarray(255 - rgb)]
    add("animated-lossy.webp", save(rgb, "WEBP", save_all=True, append_images=two, quality=80), near)
    add("animated.webp", save(rgba, "WEBP", save_all=True, append_images=two, lossless=True, exact=True))
    few = Image.fromarray(rgb).quantize(16, dither=Image.Dither.NONE)
    add("plain.gif", save(few, "GIF"))
    add("animated.gif", save(few, "GIF", save_all=True, append_images=[few.rotate(90, expand=False)], duration=50))
    add("offset.gif", gif(20, 15, 5, 4, 9, 8))
    add("offset-clear.gif", gif(20, 15, 5, 4, 9, 8, clear=2))
    add("rgb.bmp", save(rgb[:20, :25], "BMP"))
    add("palette.bmp", save(few.crop((0, 0, 30, 20)), "BMP"))
    add("bits.bmp", save(Image.fromarray(rgb).convert("1"), "BMP"))
    add("plain.tif", save(rgb[:20, :25], "TIFF"))
    add("deflate.tif", save(rgb, "TIFF", compression="tiff_deflate"))
    add("grey.tif", save(rgb[..., 0], "TIFF", compression="packbits"))
    add("palette.tif", save(few, "TIFF", compression="tiff_lzw"))
    add("rgba.tif", save(rgba, "TIFF", compression="tiff_lzw"))
    add("fax.tif", save(Image.fromarray(rgb).convert("1"), "TIFF", compression="group4"))


def gif(w, h, x, y, fw, fh, clear=None):
    """A frame smaller than its canvas; codes are kept three bits by frequent clears."""
    colours = bytes([200, 40, 0, 40, 50, 60, 70, 220, 90, 0, 10, 220])
    out = b"GIF89a" + struct.pack("<HHBBB", w, h, 0x81, 1, 0) + colours
    if clear is not None:
        out += b"\x21\xf9\x04" + bytes([1, 0, 0, clear, 0])
    out += b"\x2c" + struct.pack("<HHHHB", x, y, fw, fh, 0)
    codes = []
    for i in range(fw * fh):
        codes += [4] * (i % 2 == 0) + [(i % fw + i // fw) % 4]
    bits = [(c >> k) & 1 for c in codes + [5] for k in range(3)]
    data = np.packbits(np.array(bits, np.uint8), bitorder="little").tobytes()
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255))
    return out + b"\x02" + blocks + b"\0\x3b"


def grids():
    """[patch, longest, merge, width, height, tokens across, tokens down]"""
    worked = [(1, 1), (29, 28), (56, 56), (100, 50), (224, 224), (320, 240), (512, 512), (640, 480), (1024, 768),
              (1280, 720), (1540, 1540), (1920, 1080), (1080, 1920), (4032, 3024), (3000, 4000), (10000, 300),
              (1541, 533), (1548, 1014), (1555, 1273), (10000, 3), (3, 10000), (100000000, 1), (12000, 8333)]
    random = np.random.default_rng(32)
    sizes = worked + [tuple(int(v) for v in random.integers(1, top, 2)) for top in (200, 1700, 5000, 20000) for _ in range(20)]
    rows = []
    for rule in [(14, 1540, 2), (16, 1024, 1), (14, 448, 2), (8, 1000, 3)]:
        for w, h in sizes:
            sized = type("Sized", (), {"size": (w, h)})
            rows.append([*rule, w, h, *encoder(*rule)._image_to_num_tokens(sized)])
    return rows


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    png_kinds()
    png_sizes()
    jpegs()
    others()
    versions = {"mistral-common": mistral_common.__version__, "opencv": cv2.__version__, "pillow": PIL.__version__}
    lines = lambda rows: ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows)
    (OUT / "goldens.json").write_text(
        f'{{"versions":{json.dumps(versions)},\n"grids":[\n{lines(grids())}],\n"pictures":[\n{lines(pictures)}]}}\n')


if __name__ == "__main__":
    main()

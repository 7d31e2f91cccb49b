"""Conversations about drawn pictures, tool calls and small talk, encoded as mistral-common's v11 template does.

A conversation is a list of OpenAI-shaped messages; answers to learn are marked with their kind. The order of
the tokens is checked against mistral-common in test_template.py.
"""
import json
import random
from datetime import date, timedelta

import numpy as np

import data
import toolchats
from marks import FACTS, NAMED, PAIR, SAID, SPELT, Marker
from vocabulary import (ARGS, BOS, CALL_ID, CALLS, CONTENT, END_INST, END_RESULTS, END_SYSTEM, END_TOOLS, EOS, FOLDER, IMG,
                        IMG_BREAK, IMG_END, INST, PAD, RESULTS, SYSTEM, TOOLS, encode)

NUMBERS = ["no", "a", "two", "three", "four", "five", "six", "seven", "eight"]
OWN_PROMPT = (FOLDER / "SYSTEM_PROMPT.txt").read_text(encoding="utf-8")


# ------------------------------------------------------------------ messages

def system(text):
    return {"role": "system", "content": text}


def user(*parts):
    """Parts are strings and scenes; one picture behind one text moves to the front, as the template has it."""
    parts = list(parts)
    if len(parts) >= 2 and isinstance(parts[-1], data.Scene) and all(isinstance(p, str) for p in parts[:-1]):
        parts = [parts[-1]] + ["\n\n".join(parts[:-1])]
    return {"role": "user", "parts": parts}


def answer(text, kind=None):
    return {"role": "assistant", "content": text, "kind": kind}


def image_ids(rows, cols):
    ids = []
    for _ in range(rows):
        ids += [IMG] * cols + [IMG_BREAK]
    ids[-1] = IMG_END
    return ids


def dumps(x):
    return json.dumps(x, ensure_ascii=False)


def encode_chat(messages, tools=None, marker=None):
    """-> ids, spans [(from, to, kind)] of the tokens to learn, scenes in order; a marks.Marker is told what stands where."""
    ids, spans, scenes = [BOS], [], []
    last_user = max((i for i, m in enumerate(messages) if m["role"] == "user"), default=-1)
    for i, m in enumerate(messages):
        role, asked = m["role"], None
        if role == "system":
            ids += [SYSTEM, *encode(m["content"]), END_SYSTEM]
        elif role == "user":
            if tools and i == last_user:
                if marker:
                    marker.heard(dumps(tools), len(ids) + 1)
                ids += [TOOLS, *encode(dumps(tools)), END_TOOLS]
            ids.append(INST)
            for part in m["parts"]:
                if isinstance(part, str):
                    if marker:
                        asked = (part, len(ids))
                        marker.heard(*asked)
                    ids += encode(part)
                else:
                    if marker:
                        marker.picture(len(ids), part)
                    ids += image_ids(part.rows, part.cols)
                    scenes.append(part)
            ids.append(END_INST)
            if marker and asked:
                marker.question(*asked)
        elif role == "tool":
            ids += [RESULTS, *encode(m["id"]), CONTENT]
            if marker:
                marker.heard(m["content"], len(ids))
            ids += [*encode(m["content"]), END_RESULTS]
        else:
            start = len(ids)
            if marker and m.get("content"):
                marker.answer(m["content"], start)
                if m.get("kind") in ("tool result", "talk"):
                    marker.repeat(m["content"], start)
                marker.heard(m["content"], start)
            ids += encode(m["content"]) if m.get("content") else ()
            for call in m.get("calls", ()):
                ids += [CALLS, *encode(call["name"])]
                called = len(ids) - len(encode(call["name"]))
                if call.get("id"):
                    ids += [CALL_ID, *encode(call["id"])]
                ids.append(ARGS)
                if marker:
                    marker.answer(dumps(call["args"]), len(ids))
                    marker.call(call["name"], called, call["args"], len(ids))
                ids += encode(dumps(call["args"]))
            ids.append(EOS)
            if m.get("kind"):
                spans.append((start, len(ids), m["kind"]))
    return ids, spans, scenes


# ------------------------------------------------------------------ words for facts

def plural(shape):
    return "crosses" if shape == "cross" else shape + "s"


def a(thing):
    return ("an " if thing[0] in "aeio" else "a ") + thing


def capital(text):
    return text[0].upper() + text[1:]


def join(parts, word="and"):
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" {word} " + parts[-1]


def group_text(group):
    n, colour, shape = group
    return a(f"{colour} {shape}") if n == 1 else f"{NUMBERS[n]} {colour} {plural(shape)}"


def ordered(groups):
    return sorted(groups, key=lambda g: (data.SHAPES.index(g[2]), data.COLOURS.index(g[1])))


def description(scene):
    if scene.kind == "shapes":
        return capital(join([group_text(g) for g in ordered(scene.groups)])) + "."
    if scene.kind in ("word", "number"):
        text = f'The word "{scene.text}"' if scene.kind == "word" else f"The number {scene.text}"
        return text + (" and " + group_text(scene.groups[0]) if scene.groups else "") + "."
    if scene.kind == "bars":
        names = [b["label"] or b["colour"] for b in scene.bars]
        return f"A bar chart with {len(names)} bars: {join(names)}."
    return "I see no shape or text that I know."


def third(v, tokens):
    """0, 1, 2 of a side of so many image tokens, or None where the answer would be a matter of taste."""
    near = max(.06, 6 / (tokens * data.UNIT))
    if abs(v - 1 / 3) < near or abs(v - 2 / 3) < near:
        return None
    return int(v * 3)


PLACES = [["top left", "top", "top right"], ["left", "centre", "right"], ["bottom left", "bottom", "bottom right"]]


def place(o, s):
    c, r = third(o["x"], s.cols), third(o["y"], s.rows)
    return None if c is None or r is None else PLACES[r][c]


def place_answer(p):
    return "In the centre." if p == "centre" else f"On the {p}." if p in ("left", "right") else f"At the {p}."


def spell(rng, text):
    """Questions come in both spellings."""
    if rng.random() < .4:
        text = text.replace("colour", "color").replace("centre", "center").replace("grey", "gray")
    k = rng.random()
    if k < .08:
        text = text.lower()
    if k > .93:
        text = text.rstrip("?.")
    return text


# ------------------------------------------------------------------ questions about one picture

DESCRIBE = ["What is in the picture?", "What do you see?", "Describe the picture.", "What is in this picture?", "What does the picture show?",
            "What can you see in the image?", "Describe this image in one sentence.", "What is shown here?", "What's in the image?",
            "Tell me what you see.", "Please describe the image.", "What is this?", "What is depicted?"]
READ = ["What does it say?", "What is written here?", "Read the text.", "What does the sign say?", "Which word is printed in the picture?",
        "What word is this?", "What is the text in the image?", "Can you read this?", "What is printed here?", "What word do you see?",
        "What does the text say?", "Please read the sign.", "What is written on the sign?", "What word is on the sign?"]
READ_NUMBER = ["What number is this?", "What number is shown?", "Which number do you see?", "Read the number.", "What does it say?",
               "What is written here?", "What number is in the picture?", "What is the number on the sign?", "What does the sign say?"]


def q_describe(rng, s):
    return rng.choice(DESCRIBE), description(s), "describe"


def of_shape(s, shape):
    return [o for o in s.objects if o["shape"] == shape]


def of_colour(s, colour):
    return [o for o in s.objects if o["colour"] == colour]


def q_colour(rng, s):
    if len(s.groups) == 1 and rng.random() < .5:
        n, colour, shape = s.groups[0]
        q = rng.choice(["What colour is it?", "What colour is the object?", "Which colour is the shape?", "What is its colour?"] if n == 1 else
                       ["What colour are they?", "What colour are the objects?", "Which colour do they have?"])
        return q, capital(colour) + ".", "colour"
    shape = rng.choice(s.objects)["shape"]
    colours = {o["colour"] for o in of_shape(s, shape)}
    if len(colours) > 1:
        return None
    many = len(of_shape(s, shape)) > 1
    name = plural(shape) if many else shape
    verb = "are" if many else "is"
    q = rng.choice([f"What colour {verb} the {name}?", f"Which colour {verb} the {name}?", f"What is the colour of the {name}?",
                    f"Tell me the colour of the {name}.", f"The {name}: what colour?"])
    return q, capital(colours.pop()) + ".", "colour"


def q_shape(rng, s):
    if len(s.groups) == 1 and rng.random() < .5:
        n, colour, shape = s.groups[0]
        if n == 1:
            q = rng.choice(["What shape is it?", "What shape is this?", "Which shape do you see?", "What kind of shape is in the picture?", "Name the shape."])
            return q, capital(a(shape)) + ".", "shape"
        q = rng.choice(["What shapes are they?", "What shape are the objects?", "Which shape do they have?"])
        return q, capital(plural(shape)) + ".", "shape"
    colour = rng.choice(s.objects)["colour"]
    found = of_colour(s, colour)
    shapes = {o["shape"] for o in found}
    if len(shapes) > 1:
        return None
    shape = shapes.pop()
    if len(found) == 1:
        q = rng.choice([f"What shape is the {colour} object?", f"What is the {colour} object?", f"Which shape is {colour}?", f"What shape is {colour}?",
                        f"What is the {colour} thing?", f"What is {colour}?"])
        return q, capital(a(shape)) + ".", "shape"
    q = rng.choice([f"What shape are the {colour} objects?", f"What are the {colour} objects?", f"What shape are the {colour} ones?"])
    return q, capital(plural(shape)) + ".", "shape"


def q_count(rng, s):
    k = rng.random()
    if k < .28:
        things, n = rng.choice(["objects", "shapes", "things", "objects"]), len(s.objects)
    elif k < .55:
        shape = rng.choice(s.objects)["shape"] if rng.random() < .85 else rng.choice(data.SHAPES)
        things, n = plural(shape), len(of_shape(s, shape))
    elif k < .75:
        colour = rng.choice(s.objects)["colour"] if rng.random() < .85 else rng.choice(data.COLOURS)
        things, n = f"{colour} {rng.choice(['objects', 'shapes'])}", len(of_colour(s, colour))
    else:
        o = rng.choice(s.objects)
        shape, colour = o["shape"], o["colour"]
        if rng.random() < .15:
            colour = rng.choice(data.COLOURS)
        things, n = f"{colour} {plural(shape)}", sum(x["shape"] == shape and x["colour"] == colour for x in s.objects)
    q = rng.choice([f"How many {things} are there?", f"How many {things} do you see?", f"Count the {things}.", f"How many {things} are in the picture?",
                    f"What is the number of {things}?", f"How many {things}?"])
    return q, f"{n}.", "count"


def q_exists(rng, s):
    o = rng.choice(s.objects)
    shape, colour = o["shape"], o["colour"]
    if rng.random() < .5:
        if rng.random() < .5:
            shape = rng.choice(data.SHAPES)
        else:
            colour = rng.choice(data.COLOURS)
    k = rng.random()
    if k < .25:
        q, yes = rng.choice([f"Is there {a(shape)}?", f"Do you see {a(shape)}?", f"Are there any {plural(shape)}?"]), bool(of_shape(s, shape))
    elif k < .45:
        q, yes = rng.choice([f"Is there anything {colour}?", f"Is something {colour}?", f"Is there {a(colour)} object?"]), bool(of_colour(s, colour))
    else:
        yes = any(x["shape"] == shape and x["colour"] == colour for x in s.objects)
        q = rng.choice([f"Is there {a(colour + ' ' + shape)}?", f"Do you see {a(colour + ' ' + shape)} in the picture?",
                        f"Does the picture show {a(colour + ' ' + shape)}?"])
    return q, "Yes." if yes else "No.", "yes or no"


def unique(s):
    """Objects that their colour and shape name alone."""
    return [o for o in s.objects if sum(x["shape"] == o["shape"] and x["colour"] == o["colour"] for x in s.objects) == 1]


def name_of(rng, s, o):
    """A name that means this object only."""
    names = [f"{o['colour']} {o['shape']}"]
    if len(of_shape(s, o["shape"])) == 1:
        names.append(o["shape"])
    if len(of_colour(s, o["colour"])) == 1:
        names.append(f"{o['colour']} object")
    return rng.choice(names)


def full(o):
    return f"{o['colour']} {o['shape']}"


def q_place(rng, s):
    found = [o for o in unique(s) if place(o, s)]
    if not found:
        return None
    o = rng.choice(found)
    p = place(o, s)
    if rng.random() < .35 and sum(place(x, s) in (p, None) for x in s.objects) == 1:
        where = "in the centre" if p == "centre" else f"on the {p}" if p in ("left", "right") else f"at the {p}"
        return rng.choice([f"What is {where}?", f"What do you see {where}?", f"Which object is {where}?"]), capital(a(full(o))) + ".", "position"
    n = name_of(rng, s, o)
    return rng.choice([f"Where is the {n}?", f"Where in the picture is the {n}?", f"In which part of the picture is the {n}?"]), place_answer(p), "position"


def q_relation(rng, s):
    found = unique(s)
    if len(found) < 2:
        return None
    o, p = rng.sample(found, 2)
    k = rng.random()
    dx, dy = o["x"] - p["x"], o["y"] - p["y"]
    if k < .5:
        words = [("left of", dx < 0, dx), ("right of", dx > 0, dx), ("above", dy < 0, dy), ("below", dy > 0, dy)]
        word, yes, gap = rng.choice(words)
        if abs(gap) * data.UNIT * (s.rows if word in ("above", "below") else s.cols) < 11 or abs(gap) < .12:
            return None
        n, m = name_of(rng, s, o), name_of(rng, s, p)
        return f"Is the {n} {'to the ' if 'of' in word and rng.random() < .3 else ''}{word} the {m}?", "Yes." if yes else "No.", "relation"
    if k < .72:
        ratio = o["size"] / p["size"]
        if .75 < ratio < 1.33:
            return None
        word = rng.choice(["bigger", "larger", "smaller"])
        big = o if ratio > 1 else p
        small = p if ratio > 1 else o
        first, second = rng.sample([full(o), full(p)], 2)
        return f"Which is {word}, the {first} or the {second}?", f"The {full(small if word == 'smaller' else big)}.", "relation"
    axis, word, low = rng.choice([("x", "leftmost", True), ("x", "rightmost", False), ("y", "highest", True), ("y", "lowest", False)])
    line = sorted(s.objects, key=lambda t: t[axis] if low else -t[axis])
    if abs(line[0][axis] - line[1][axis]) < max(.09, 11 / data.UNIT / (s.cols if axis == "x" else s.rows)) or line[0] not in found:
        return None
    q = {"leftmost": ["What is furthest left?", "Which object is leftmost?"], "rightmost": ["What is furthest right?", "Which object is rightmost?"],
         "highest": ["Which object is highest?", "What is at the very top?"], "lowest": ["Which object is lowest?", "What is at the very bottom?"]}[word]
    return rng.choice(q), f"The {full(line[0])}.", "relation"


def q_lists(rng, s):
    if rng.random() < .5:
        names = [c for c in data.COLOURS if of_colour(s, c)]
        return rng.choice(["Which colours do you see?", "What colours are in the picture?", "List the colours."]), capital(join(names)) + ".", "describe"
    names = [plural(x) if len(of_shape(s, x)) > 1 else a(x) for x in data.SHAPES if of_shape(s, x)]
    return rng.choice(["Which shapes do you see?", "What shapes are in the picture?", "List the shapes."]), capital(join(names)) + ".", "describe"


def q_absent(rng, s):
    shape = rng.choice([x for x in data.SHAPES if not of_shape(s, x)])
    q = rng.choice([f"What colour is the {shape}?", f"Where is the {shape}?"])
    return q, f"I see no {shape}.", "cannot tell"


def q_text_absent(rng, s):
    return rng.choice(READ), "I see no text.", "cannot tell"


def q_unknown(rng, s):
    return rng.choice(toolchats.UNKNOWN_PICTURE), "I can't tell.", "cannot tell"


def q_word(rng, s):
    k = rng.random()
    if k < .6:
        return rng.choice(READ if s.kind == "word" else READ_NUMBER), s.text, s.kind
    if k < .7:
        return q_describe(rng, s)
    if k < .78:
        thing = "text" if rng.random() < .4 else s.kind
        return rng.choice([f"What colour is the {thing}?", f"Which colour is the {thing} printed in?"]), capital(s.text_colour) + ".", "colour"
    if k < .84:
        q = rng.choice(["Is there any text?", "Is there text in the picture?", "Is something written here?"])
        return q, "Yes.", "yes or no"
    if s.kind == "word" and k < .94:
        if rng.random() < .5:
            return rng.choice(["What is the first letter?", "Which letter does it begin with?", "What letter comes first?"]), s.text[0], "word"
        return rng.choice(["What is the last letter?", "Which letter does it end with?", "What letter comes last?"]), s.text[-1], "word"
    if s.kind == "word":
        other = rng.choice(data.WORDS).upper()
        shown = s.text if rng.random() < .5 else other
        return f'Does it say "{shown}"?', "Yes." if shown == s.text else "No.", "yes or no"
    return rng.choice(READ_NUMBER), s.text, s.kind


def q_bars(rng, s):
    bars = s.bars
    labelled = bars[0]["label"] is not None
    coloured = len({b["colour"] for b in bars}) == len(bars)
    line = sorted(bars, key=lambda b: b["value"])

    def name(b):
        by_label = labelled and (not coloured or rng.random() < .5)
        return f"bar {b['label']}" if by_label else f"{b['colour']} bar"
    k = rng.random()
    if k < .18:
        return rng.choice(["How many bars are there?", "How many bars does the chart have?", "Count the bars."]), f"{len(bars)}.", "bars"
    if k < .58:
        tall = rng.random() < .5
        b = line[-1] if tall else line[0]
        word = rng.choice(["tallest", "highest", "longest", "biggest"] if tall else ["shortest", "lowest", "smallest"])
        if labelled and (not coloured or rng.random() < .5):
            return rng.choice([f"Which bar is the {word}?", f"What is the label of the {word} bar?", f"Which letter has the {word} bar?"]), f"{b['label']}.", "bars"
        q = rng.choice([f"What colour is the {word} bar?", f"Which colour has the {word} bar?"] + ([f"Which bar is the {word}?"] if not labelled else []))
        return q, capital(b["colour"]) + ".", "bars"
    if k < .78:
        b, c = rng.sample(bars, 2)
        n, m = name(b), name(c)
        if rng.random() < .6:
            word, yes = rng.choice([("taller", b["value"] > c["value"]), ("higher", b["value"] > c["value"]), ("shorter", b["value"] < c["value"])])
            return f"Is {'the ' if ' bar' in n else ''}{n} {word} than {'the ' if ' bar' in m else ''}{m}?", "Yes." if yes else "No.", "bars"
        word, best = rng.choice([("taller", max(b, c, key=lambda t: t["value"])), ("shorter", min(b, c, key=lambda t: t["value"]))])
        if labelled:
            x, y, z = (f"bar {t['label']}" for t in (b, c, best))
        else:
            x, y, z = (f"the {t['colour']} bar" for t in (b, c, best))
        return f"Which is {word}, {x} or {y}?", capital(z) + ".", "bars"
    if k < .88 and (coloured or labelled):
        b = rng.choice(bars)
        if bars[0]["number"] is not None:
            n = name(b)
            return rng.choice([f"What is the value of {'the ' if ' bar' in n else ''}{n}?", f"Which number is above {'the ' if ' bar' in n else ''}{n}?"]), f"{b['number']}.", "bars"
        if labelled and coloured:
            if rng.random() < .5:
                return f"What colour is bar {b['label']}?", capital(b["colour"]) + ".", "bars"
            return f"What is the label of the {b['colour']} bar?", f"{b['label']}.", "bars"
    if k < .94 and coloured:
        side = rng.choice(["left", "right"])
        b = bars[0] if side == "left" else bars[-1]
        return rng.choice([f"What colour is the {side}most bar?", f"What colour is the bar furthest {side}?"]), capital(b["colour"]) + ".", "bars"
    return rng.choice(DESCRIBE + ["What kind of picture is this?"]), description(s), "describe"


FOREIGN = {
    "French": (["rouge", "orange", "jaune", "vert", "bleu", "violet", "rose", "marron", "noir", "blanc", "gris"],
               ["un cercle", "un carré", "un triangle", "un rectangle", "un ovale", "un losange", "une étoile", "un cœur", "une croix", "un hexagone", "une flèche", "une lune"],
               ["De quelle couleur est l'objet ?", "Quelle couleur vois-tu ?"], ["Quelle forme est-ce ?", "Quelle forme vois-tu ?"],
               ["Combien d'objets y a-t-il ?", "Combien d'objets vois-tu ?"], ["Qu'est-ce qui est écrit ?", "Que dit le panneau ?"]),
    "German": (["rot", "orange", "gelb", "grün", "blau", "lila", "rosa", "braun", "schwarz", "weiß", "grau"],
               ["ein Kreis", "ein Quadrat", "ein Dreieck", "ein Rechteck", "ein Oval", "eine Raute", "ein Stern", "ein Herz", "ein Kreuz", "ein Sechseck", "ein Pfeil", "ein Mond"],
               ["Welche Farbe hat das Objekt?", "Welche Farbe siehst du?"], ["Welche Form ist das?", "Welche Form siehst du?"],
               ["Wie viele Objekte sind da?", "Wie viele Objekte siehst du?"], ["Was steht da?", "Was steht auf dem Schild?"]),
    "Spanish": (["rojo", "naranja", "amarillo", "verde", "azul", "morado", "rosa", "marrón", "negro", "blanco", "gris"],
                ["un círculo", "un cuadrado", "un triángulo", "un rectángulo", "un óvalo", "un rombo", "una estrella", "un corazón", "una cruz", "un hexágono", "una flecha", "una luna"],
                ["¿De qué color es el objeto?", "¿Qué color ves?"], ["¿Qué forma es?", "¿Qué forma ves?"],
                ["¿Cuántos objetos hay?", "¿Cuántos objetos ves?"], ["¿Qué pone aquí?", "¿Qué dice el cartel?"]),
}


def q_foreign(rng, s):
    colours, shapes, ask_colour, ask_shape, ask_count, ask_text = FOREIGN[rng.choice(list(FOREIGN))]
    if s.kind in ("word", "number"):
        return rng.choice(ask_text), s.text, s.kind
    if len(s.objects) == 1 and rng.random() < .75:
        o = s.objects[0]
        if rng.random() < .5:
            return rng.choice(ask_colour), capital(colours[data.COLOURS.index(o["colour"])]) + ".", "colour"
        return rng.choice(ask_shape), capital(shapes[data.SHAPES.index(o["shape"])]) + ".", "shape"
    return rng.choice(ask_count), f"{len(s.objects)}.", "count"


SHAPE_QUESTIONS = [(q_describe, 8), (q_colour, 10), (q_shape, 9), (q_count, 18), (q_exists, 6), (q_place, 16), (q_relation, 26),
                   (q_lists, 5), (q_absent, 2), (q_text_absent, 1), (q_unknown, 2), (q_foreign, 5)]


def q_nothing(rng, s):
    k = rng.random()
    if k < .6:
        return rng.choice(DESCRIBE + toolchats.UNKNOWN_PICTURE[:6]), description(s), "cannot tell"
    if k < .8:
        return rng.choice(READ), "I see no text.", "cannot tell"
    return rng.choice(["How many objects are there?", "How many shapes do you see?"]), "0.", "count"


def question(rng, s):
    """One (question, answer, kind) about a scene."""
    for _ in range(20):
        if s.kind == "shapes":
            make = rng.choices([q for q, _ in SHAPE_QUESTIONS], [w for _, w in SHAPE_QUESTIONS])[0]
        elif s.kind == "bars":
            make = q_unknown if rng.random() < .02 else q_bars
        elif s.kind == "nothing":
            make = q_nothing
        else:
            k = rng.random()
            make = q_foreign if k < .04 else q_unknown if k < .06 else q_word
            if s.groups and k > .8:
                make = rng.choice([q_colour, q_shape])
        got = make(rng, s)
        if got:
            return spell(rng, got[0]), got[1], got[2]
    return spell(rng, rng.choice(DESCRIBE)), description(s), "describe"


def follow_up(rng, s, previous):
    """A question that leans on the one before, or None."""
    if s.kind == "shapes" and len(s.objects) == 1:
        o = s.objects[0]
        options = [(["And what colour is it?", "And its colour?", "And what colour?"], capital(o["colour"]) + "."),
                   (["And what shape is it?", "And its shape?", "And which shape?"], capital(a(o["shape"])) + ".")]
        if place(o, s):
            options.append((["And where is it?", "Where is it?"], place_answer(place(o, s))))
        q, ans = rng.choice(options)
        return rng.choice(q), ans, "follow-up"
    if s.kind == "shapes" and previous[2] in ("colour", "count"):
        if previous[2] == "colour":
            singles = [x for x in data.SHAPES if of_shape(s, x) and len({o["colour"] for o in of_shape(s, x)}) == 1]
            if not singles or "colo" not in previous[0].lower():
                return None
            shape = rng.choice(singles)
            n = plural(shape) if len(of_shape(s, shape)) > 1 else shape
            return rng.choice([f"And the {n}?", f"What about the {n}?"]), capital(of_shape(s, shape)[0]["colour"]) + ".", "follow-up"
        shape = rng.choice(s.objects)["shape"]
        return rng.choice([f"And how many {plural(shape)}?", f"And {plural(shape)}?"]), f"{len(of_shape(s, shape))}.", "follow-up"
    return None


# ------------------------------------------------------------------ system prompts

def own_prompt(rng):
    day = date(2024, 1, 1) + timedelta(rng.randrange(1500))
    return OWN_PROMPT.format(name=rng.choice(["breeze", "breeze", "Breeze", "model"]), today=day, yesterday=day - timedelta(1)), day


def system_messages(rng, mix):
    k = rng.random()
    own, other, card = mix.get("own_prompt", .2), mix.get("other_prompt", .05), mix.get("card_prompt", .01)
    if k < own:
        return [system(own_prompt(rng)[0])]
    if k < own + other:
        return [system(rng.choice(toolchats.OTHER_PROMPTS))]
    if k < own + other + card:
        return [system(toolchats.card_prompt(rng))]
    return []


# ------------------------------------------------------------------ whole conversations

def scene_kind(rng, mix):
    shares = mix.get("kinds", {"shapes": 48, "word": 29, "number": 8, "bars": 12, "nothing": 3})
    return rng.choices(list(shares), list(shares.values()))[0]


def one_picture(rng, mix, rows=None, cols=None):
    kind = scene_kind(rng, mix)
    if rows is None:
        rows, cols = data.pick_grid(rng, kind, mix.get("big", .3))
    if kind == "bars" and rows < 3 or kind in ("word", "number") and cols < 3:
        kind = "shapes"
    s = data.draw(rng, kind, rows, cols)
    messages = system_messages(rng, mix)
    turns = rng.randint(*mix.get("turns", [3, 6]))
    if s.kind in ("word", "number") and not s.groups:
        turns = min(turns, 3)
    if s.kind == "nothing":
        turns = rng.randint(1, 2)
    asked, said, previous = set(), set(), None
    tell = rng.randrange(turns) if rng.random() < mix.get("tell", .55) else None      # descriptions teach most per token
    for t in range(turns):
        got = follow_up(rng, s, previous) if previous and rng.random() < .15 else None
        got = q_describe(rng, s) if t == tell else got or question(rng, s)
        # an answer already given could be copied instead of seen
        if got[0] in asked or got[1] in said and got[2] in ("describe", "word", "number"):
            continue
        asked.add(got[0])
        said.add(got[1])
        previous = got
        messages += [user(got[0], s) if not asked - {got[0]} else user(got[0]), answer(got[1], got[2])]
    return messages, None


ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]


def several_questions(rng, scenes):
    n = len(scenes)
    k = rng.random()
    i = rng.randrange(n)
    s = scenes[i]
    pick = rng.choice([f"picture {i + 1}", f"the {ORDINALS[i]} picture", f"image {i + 1}", f"the {ORDINALS[i]} image"])
    if k < .3:
        return f"What is in {pick}?", description(s), "several pictures"
    if k < .42 and s.kind in ("word", "number"):
        return f"What does {pick} say?", s.text, "several pictures"
    if k < .42 and len(s.objects) == 1:
        o = s.objects[0]
        return rng.choice([(f"What colour is the object in {pick}?", capital(o["colour"]) + ".", "several pictures"),
                           (f"What shape is in {pick}?", capital(a(o["shape"])) + ".", "several pictures")])
    objects = [o for t in scenes for o in t.objects]
    if not objects:
        return f"What is in {pick}?", description(s), "several pictures"
    o = rng.choice(objects)
    by_shape = rng.random() < .5
    has = [bool(of_shape(t, o["shape"]) if by_shape else of_colour(t, o["colour"])) for t in scenes]
    thing = a(o["shape"]) if by_shape else a(o["colour"] + " object")
    if k < .72:
        if sum(has) != 1:
            return None
        return (rng.choice([f"Which picture shows {thing}?", f"In which picture is {thing}?", f"Which image has {thing}?"]),
                f"Picture {has.index(True) + 1}.", "several pictures")
    if k < .9:
        return (rng.choice([f"How many pictures show {thing}?", f"How many pictures have {thing}?", f"In how many images do you see {thing}?"]),
                f"{sum(has)}.", "several pictures")
    return rng.choice(["How many pictures are there?", "How many images do you see?"]), f"{n}.", "several pictures"


def several_pictures(rng, mix):
    n = rng.choice([2, 2, 2, 3, 3, 4, 5]) if rng.random() < .94 else rng.randint(6, 10)
    scenes = []
    for _ in range(n):
        rows, cols = (3, 3) if rng.random() < .8 else (3, 4)
        if n == 2 and rng.random() < .2:
            rows, cols = (6, 8)
        kind = rng.choices(["shapes", "word", "number"], [80, 10, 10])[0]
        scenes.append(data.shapes_scene(rng, rows, cols, 2) if kind == "shapes" else data.draw(rng, kind, rows, cols))
    messages = system_messages(rng, mix)
    if rng.random() < .12:       # one after another
        for i, s in enumerate(scenes[:3]):
            q, ans, kind = question(rng, s)
            if i and rng.random() < .5:
                q, ans = rng.choice(["And this one?", "And here?", "And in this picture?"]), description(s)
                if messages[-2]["parts"][-1] not in DESCRIBE and "And" not in messages[-2]["parts"][-1]:
                    q = rng.choice(DESCRIBE)
            messages += [user(s, q), answer(ans, "several pictures")]
        return messages, None
    turns, first = rng.randint(2, 4), True
    for _ in range(turns * 3):
        got = several_questions(rng, scenes)
        if not got:
            continue
        if first:
            parts = [*scenes, got[0]] if rng.random() < .75 else [got[0], *scenes]
            messages += [user(*parts), answer(got[1], got[2])]
        else:
            messages += [user(got[0]), answer(got[1], got[2])]
        first = False
        turns -= 1
        if turns == 0:
            break
    return messages, None


def talk(rng, mix):
    """Words only: greetings, what it is, questions that need a picture, things it cannot know, repeating."""
    messages = system_messages(rng, mix)
    repeat = mix.get("repeat", .28)
    for _ in range(rng.randint(1, 3)):
        k = 1.0 if rng.random() < repeat else rng.random() * .72
        if k < .25:
            q, ans = rng.choice(toolchats.TALK)
            q = rng.choice(q)
        elif k < .45:
            q, ans = rng.choice(DESCRIBE + READ + ["What colour is the circle?", "How many stars are there?", "Where is the square?"]), "I don't see a picture."
        elif k < .65:
            q, ans = rng.choice(toolchats.UNKNOWN), "I can't tell; I am only a miniature."
        elif k < .72 and messages and messages[0]["role"] == "system" and "Today is " in messages[0]["content"]:
            day = messages[0]["content"].split("Today is ")[1][:10]
            q, ans = rng.choice(["What is the date today?", "Which day is today?", "What's today's date?"]), day + "."
        else:
            text = toolchats.phrase(rng, 2, rng.choice([7, 7, 20])) if rng.random() < .9 else toolchats.article(rng)      # copying is the heart of tool calls
            q, ans = rng.choice([f"Repeat: {text}", f"Say: {text}", f"Please repeat this: {text}", f'Repeat after me: "{text}"']), text
        messages += [user(spell(rng, q) if k < .65 else q), answer(ans, "talk")]
    return messages, None


def drill(rng, known):
    """Known tokens in no order, then pieces of them again: what the decoder needs to learn to copy, at nearly every position."""
    base = rng.sample(known, rng.randint(16, 80))
    ids, spans = [BOS, *base], []
    while len(ids) < 2.6 * len(base) + 30:
        start = rng.randrange(len(base) - 4)
        piece = base[start:start + rng.randint(4, 16)]
        spans.append((len(ids) + 1, len(ids) + len(piece), "drill"))
        ids += piece
    return ids, spans, []


def conversation(rng, mix, rows=None, cols=None):
    shares = mix.get("talks", {"picture": 64, "several": 8, "tools": 22, "talk": 6})
    what = rng.choices(list(shares), list(shares.values()))[0]
    if what == "picture":
        return one_picture(rng, mix, rows, cols)
    if what == "several":
        return several_pictures(rng, mix)
    if what == "talk":
        return talk(rng, mix)
    return toolchats.tool_talk(rng, mix, rows, cols)


# ------------------------------------------------------------------ batches

class Batcher:
    """Pools of conversations on a few grids, cut into batches of similar length."""

    def __init__(self, rng):
        self.rng = rng
        talks = (talk(rng, {"repeat": 1}) if rng.random() < .5 else toolchats.plain_call(rng, {}) for _ in range(1500))
        self.known = sorted({i for messages, tools in talks for i in encode_chat(messages, tools)[0] if i >= 1000})

    def batches(self, mix):
        rng = self.rng
        pool = []
        grids = [data.pick_grid(rng, scene_kind(rng, mix), mix.get("big", .3)) for _ in range(mix.get("grids", 4))]
        for _ in range(mix.get("pool", 192)):
            if rng.random() < mix.get("drill", 0):
                pool.append(drill(rng, self.known))
                continue
            rows, cols = rng.choice(grids)
            messages, tools = conversation(rng, mix, rows, cols)
            marker = Marker()
            item = *encode_chat(messages, tools, marker), marker
            if item[1]:
                if tools and len(item[0]) < 800:      # a little of the context too: its repetitions teach copying early
                    item[1].append((1, item[1][0][0], "context"))
                pool.append(item)
        pool.sort(key=lambda it: len(it[0]))
        batches, now = [], []
        budget = mix.get("tokens", 2500)
        for item in pool:
            if now and (len(now) + 1) * len(item[0]) > budget:
                batches.append(now)
                now = []
            now.append(item)
        batches.append(now)
        rng.shuffle(batches)
        return [collate(b) for b in batches]


DULL = {"context": .02, "drill": .1}      # what is learnt along the way


def collate(items):
    longest = max(len(i[0]) for i in items)
    tokens = np.full((len(items), longest), PAD, np.int32)
    where, kinds, kind_of, weights, scenes = [], [], [], [], []
    grid, marks, pairs = [], [], []
    for row, (ids, spans, pics, *marker) in enumerate(items):
        tokens[row, :len(ids)] = ids
        for m in marker:
            grid += [(row, *cell) for cell in m.grid()]
            for position, kind, targets, *facts in m.marks:
                pairs += [(len(marks), t) for t in targets]
                marks.append((row, position, kind, *facts))
        scenes += pics
        for start, end, kind in spans:
            if kind not in kinds:
                kinds.append(kind)
            where += [(row, col) for col in range(start - 1, end - 1)]
            kind_of += [kinds.index(kind)] * (end - start)
            weights += [DULL.get(kind) or (end - start) ** -.5] * (end - start)     # or long answers would drown the short ones
    by_grid = {}
    for i, s in enumerate(scenes):
        by_grid.setdefault((s.rows, s.cols), []).append(i)
    groups, position, offset = [], {}, 0
    for (rows, cols), members in by_grid.items():
        pixels = np.stack([scenes[i].pixels for i in members]).astype(np.float16)
        groups.append((pixels, {k: np.stack([scenes[i].targets[k] for i in members]) for k in scenes[members[0]].targets}))
        for i in members:
            position[i] = np.arange(offset, offset + rows * cols)
            offset += rows * cols
    order = np.concatenate([position[i] for i in range(len(scenes))]) if scenes else np.zeros(0, np.int64)
    return {"tokens": tokens, "where": np.array(where, np.int64).T.copy(), "kinds": kinds, "kind_of": np.array(kind_of),
            "weights": np.array(weights, np.float32), "grid": np.array(grid, np.int64).reshape(-1, 6),
            "marks": np.array(marks, np.int64).reshape(-1, 3 + len(FACTS) + len(NAMED) + len(PAIR) + len(SAID) + len(SPELT)), "pairs": np.array(pairs, np.int64).reshape(-1, 2),
            "groups": groups, "order": order, "pictures": len(scenes)}

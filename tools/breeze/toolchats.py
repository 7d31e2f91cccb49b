"""Tool calls, results, small talk and system prompts for the conversations.

Tools are drawn anew each time (names, descriptions, parameter names, enums, order), so that the model has to
copy from what it is given instead of remembering.
"""
import json
import string

import data

CITIES = """Paris London Berlin Madrid Rome Vienna Tokyo Oslo Lima Cairo Dublin Prague Athens Lisbon Warsaw Moscow Delhi Seoul Hanoi Boston
Chicago Denver Miami Seattle Dallas Toronto Sydney Nairobi Lagos Zurich Geneva Munich Hamburg Cologne Milan Naples Turin Lyon Nice Porto
Seville Valencia Ghent Utrecht Krakow Riga Sofia Bergen Malmo Tampere""".split()
COUNTRIES = """France Spain Italy Germany Poland Russia Norway Sweden Finland Denmark Portugal Greece Turkey Egypt Kenya Nigeria India China Japan
Brazil Peru Chile Mexico Canada Cuba Ireland Austria Belgium Hungary Ukraine Serbia Croatia Iceland Morocco Algeria Ghana Iran Iraq Nepal
Thailand Vietnam Malaysia Indonesia Australia Switzerland Netherlands Romania Bulgaria Argentina Colombia""".split()
NAMES = """Anna Ben Carla David Emma Frank Grace Henry Ida Jack Kate Leo Mary Nina Oscar Paul Rosa Sam Tina Victor Will Zoe Maria Peter Laura
Tom Lucy Max Julia Omar Ali Mei Ravi Sara Igor Olga Hugo Alice Bob Clara""".split()
LANGUAGES = "French German Spanish Italian Dutch Polish Russian Japanese Chinese Arabic Hindi Turkish Swedish Portuguese Greek".split()
DISHES = "soup pizza bread cake salad rice fish pasta tea coffee milk".split()
TOPICS = ["the news", "old castles", "train times", "cheap flights", "green tea", "the moon landing", "jazz music", "red pandas", "chess openings",
          "solar panels", "deep sea fish", "apple pie", "bike repair", "garden birds", "wind power", "stone bridges", "city maps"]

UNKNOWN_PICTURE = ["Who painted this?", "Where was this photo taken?", "What is the name of this person?", "When was this picture made?",
                   "What animal is this?", "Which city is this?", "Can you tell me what is the biggest country depicted on the map?", "Who is in the photo?",
                   "How old is this picture?", "What brand is it?", "How much does it cost?", "What is the person doing?", "Which country is shown on the map?",
                   "What action do you think I should take in this situation?", "Is this safe to eat?", "What is the mood of the picture?"]
UNKNOWN = ["What is the capital of France?", "Who wrote Hamlet?", "How far away is the moon?", "What is the weather like?", "Write me a poem.",
           "What is 17 times 23?", "Who is the president?", "What is the meaning of life?", "How do I bake bread?", "Translate this into German.",
           "Tell me a joke.", "What time is it?", "What is the population of Spain?", "Who won the game?", "When does the train leave?",
           "Write a story about a dragon.", "Explain gravity.", "What is the best restaurant in Rome?", "How tall is Mount Everest?",
           "Which language is spoken in Brazil?", "Write me a sentence where every word starts with the next letter in the alphabet.",
           "Can you write some code?", "What is a black hole?", "What should I cook today?", "Who are the Beatles?", "Give me a recipe.",
           "How many people live in China?", "What does E = mc2 mean?", "Why is the sky blue?", "Is it going to rain tomorrow?"]
TALK = [(["Hello", "Hi", "Hello!", "Hi there!", "Good morning", "Hey", "Good evening!"], "Hello! Show me a picture and ask me about it."),
        (["Who are you?", "What are you?", "What is your name?", "Are you Mistral?", "What model are you?"], "I am Breeze, a miniature model."),
        (["What can you do?", "What do you know?", "How can you help me?", "Help", "What can I ask you?"],
         "I can tell shapes, colours, counts, positions, short words and bar charts, and call tools."),
        (["Thanks", "Thank you!", "Thanks a lot.", "Great, thanks!", "Thank you very much."], "You're welcome."),
        (["Goodbye", "Bye", "See you!", "Good night."], "Goodbye!"),
        (["How are you?", "How are you today?", "How do you do?"], "I am fine. Show me a picture!"),
        (["Bonjour", "Salut !"], "Bonjour ! Montrez-moi une image."),
        (["Guten Tag", "Hallo"], "Hallo! Zeig mir ein Bild."),
        (["Hola", "¡Buenos días!"], "¡Hola! Muéstrame una imagen.")]
OTHER_PROMPTS = ["You are a helpful assistant.", "You are terse.", "Answer briefly.", "Be helpful and polite.", "You look at pictures and answer questions.",
                 "You are a careful assistant that uses tools when it has to.", "Answer in one sentence."]

CARD = """You are {name}, a Large Language Model (LLM) created by Mistral AI, a French startup headquartered in Paris.
You power an AI assistant called Le Chat.
Your knowledge base was last updated on 2023-10-01.{today}

When you're not sure about some information or when the user's request requires up-to-date or specific data, you must use the available tools to fetch the information. Do not hesitate to use tools whenever they can provide a more accurate or complete response. If no relevant tools are available, then clearly state that you don't have the information and avoid making up anything.
If the user's question is not clear, ambiguous, or does not provide enough context for you to accurately answer the question, you do not try to answer it right away and you rather ask the user to clarify their request (e.g. "What are some good restaurants around me?" => "Where are you?" or "When is the next flight to Tokyo" => "Where do you travel from?").
You are always very attentive to dates, in particular you try to resolve dates {yesterday}and when asked about information at specific dates, you discard information that is at another date.
You follow these instructions in all languages, and always respond to the user in the language they use or request.
Next sections describe the capabilities that you have.

# WEB BROWSING INSTRUCTIONS

You cannot perform any web search or access internet to open URLs, links etc. If it seems like the user is expecting you to do so, you clarify the situation and ask the user to copy paste the text directly in the chat.

# MULTI-MODAL INSTRUCTIONS

You have the ability to read images, but you cannot generate images. You also cannot transcribe audio files or videos.
You cannot read nor transcribe audio files or videos.

TOOL CALLING INSTRUCTIONS

You may have access to tools that you can use to fetch information or perform actions. You must use these tools in the following situations:

1. When the request requires up-to-date information.
2. When the request requires specific data that you do not have in your knowledge base.
3. When the request involves actions that you cannot perform without tools.

Always prioritize using tools to provide the most accurate and helpful response. If tools are not available, inform the user that you cannot perform the requested action at the moment."""


def card_prompt(rng):
    if rng.random() < .5:
        return CARD.format(name=rng.choice(["Mistral Small 3.2", "breeze", "Breeze"]), today="", yesterday="")
    year, month, day = rng.randint(2024, 2027), rng.randint(1, 12), rng.randint(2, 28)
    return CARD.format(name=rng.choice(["breeze", "Mistral-Small-3.2-24B-Instruct-2506"]), today=f"\nThe current date is {year}-{month:02}-{day:02}.",
                       yesterday=f'(e.g. "yesterday" is {year}-{month:02}-{day - 1:02}) ')


def phrase(rng, least=2, most=7):
    """A few words that make no sense: to be copied."""
    words = [rng.choice(data.WORDS) for _ in range(rng.randint(least, most))]
    if rng.random() < .3:
        words[0] = words[0].capitalize()
    if rng.random() < .2:
        words[rng.randrange(len(words))] = str(rng.randrange(1000))
    return " ".join(words)


PROSE = """the a of and to in for on with by from is are was has will an its their this that which not more new old large small first last research company
public private city group report market system school science museum engine service network garden history language product village energy building
committee director engineer writer worker team department school teacher government international local early recent simple quick famous modern
artificial natural general special several other many most between during after before under over about against consisting producing building selling
developing opening moving making announced published designed founded presented completed known called based owned limited joint annual weekly
non-profit well-known long-term so-called for-profit open-source large-scale subsidiary corporation laboratory institute foundation partnership
intelligence machinery furniture literature medicine agriculture transport insurance education equipment""".split()
SYLLABLES = "Ka Lo Mi Ver Tex Nor Al Bel Cor Dan El Far Gra Hol In Jun Kel Lan Mar Nov Or Pel Qua Ros Sol Tan Ul Vis Wel Xen Yor Zan tec lia dor mon rix via nex ton ber sa AI Soft Lab".split()


def article(rng, least=6, most=24):
    """A sentence that reads like a report and means nothing, with a name that now and then comes again: to be copied."""
    name = "".join(rng.sample(SYLLABLES, rng.randint(2, 3)))
    words = [rng.choice(PROSE) for _ in range(rng.randint(least, most))]
    for _ in range(rng.choice([0, 0, 0, 0, 1])):
        words.insert(rng.randrange(len(words)), name + rng.choice(["", "", " Incorporated", " Limited", " Group", " Partnership", " Institute"]))
    words.insert(rng.choice([0, rng.randrange(len(words))]), name)
    for _ in range(rng.choice([0, 0, 1, 2])):
        i = rng.randrange(len(words) - 1)
        words[i] += rng.choice([",", ",", ";", "."])
    text = " ".join(words)
    return text[0].upper() + text[1:] + rng.choice([".", ".", ".", ""])


def call_id(rng):
    return "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(9))


# ------------------------------------------------------------------ slots: what a parameter may hold

def value_of(rng, kind):
    """(value for the arguments, how the question words it)"""
    if kind == "city":
        v = rng.choice(CITIES)
    elif kind == "country":
        v = rng.choice(COUNTRIES)
    elif kind == "name":
        v = rng.choice(NAMES)
    elif kind == "language":
        v = rng.choice(LANGUAGES)
    elif kind == "text":
        v = phrase(rng) if rng.random() < .9 else article(rng, 4, 16)
    elif kind == "article":
        v = phrase(rng, 4, 20) if rng.random() < .5 else article(rng)
    elif kind == "topic":
        v = rng.choice(TOPICS) if rng.random() < .5 else phrase(rng, 1, 3)
    elif kind == "word":
        v = rng.choice(data.WORDS)
    elif kind == "dish":
        v = rng.choice(DISHES)
    elif kind == "number":
        v = rng.randrange(1, 10 ** rng.randint(1, 4))
    elif kind == "minutes":
        v = rng.randint(1, 90)
    elif kind == "shape":
        v = rng.choice(data.SHAPES)
    else:
        v = rng.choice(data.COLOURS)
    return v, str(v)


# Each family: tool names, descriptions, slots (kind, parameter names, description), enum slot or None, questions.
FAMILIES = {
    "weather": (["get_weather", "weather", "current_weather", "fetch_weather", "weather_now"], ["Get the weather in a city.", "Current weather of a place.", "Look up the weather."],
                [("city", ["city", "location", "place", "town"])], ("unit", ["celsius", "fahrenheit"]),
                ["What is the weather in {0}?", "How is the weather in {0}?", "Tell me the weather in {0}.", "Is it warm in {0}?"], "in {1}"),
    "population": (["get_current_population", "get_population", "population", "count_people", "country_population"],
                   ["Get the up-to-date population of a given country.", "Population of a country.", "How many people live in a country."],
                   [("country", ["country", "nation", "state"])], ("unit", ["millions", "thousands"]),
                   ["What is the population of {0}?", "How many people live in {0}?", "Tell me the population of {0}."], "in {1}"),
    "time": (["get_time", "local_time", "clock", "time_in"], ["Get the local time of a city.", "What time it is somewhere."],
             [("city", ["city", "place", "location", "where"])], None, ["What time is it in {0}?", "Tell me the time in {0}.", "What is the local time in {0}?"], ""),
    "search": (["search", "web_search", "find", "look_up", "search_web"], ["Search the web.", "Find pages about a topic.", "Look something up."],
               [("topic", ["query", "q", "topic", "keywords", "text"])], None, ["Search for {0}.", "Look up {0}.", "Find something about {0}.", "Search the web for {0}."], ""),
    "translate": (["translate", "translate_text", "translator"], ["Translate a text.", "Translate text into a language."],
                  [("text", ["text", "sentence", "input"]), ("language", ["language", "to", "target"])], None,
                  ['Translate "{0}" into {1}.', 'How do you say "{0}" in {1}?'], ""),
    "message": (["send_message", "send_email", "text_person", "notify", "send"], ["Send a message to somebody.", "Send a text."],
                [("name", ["to", "recipient", "name", "person"]), ("text", ["text", "message", "body", "content"])], None,
                ['Tell {0}: "{1}"', 'Send {0} the message "{1}".', 'Write to {0}: "{1}"'], ""),
    "add": (["add", "sum", "calculate_sum", "plus"], ["Add two numbers.", "The sum of two numbers."],
            [("number", ["a", "x", "first"]), ("number", ["b", "y", "second"])], None, ["What is {0} plus {1}?", "Add {0} and {1}.", "{0} + {1}?"], ""),
    "multiply": (["multiply", "times", "product"], ["Multiply two numbers.", "The product of two numbers."],
                 [("number", ["a", "x", "factor"]), ("number", ["b", "y", "other"])], None, ["What is {0} times {1}?", "Multiply {0} by {1}.", "{0} x {1}?"], ""),
    "timer": (["set_timer", "timer", "start_timer", "remind"], ["Start a timer.", "Set a timer in minutes."],
              [("minutes", ["minutes", "duration", "time", "length"])], None, ["Set a timer for {0} minutes.", "Wake me in {0} minutes.", "Start a timer: {0} minutes."], ""),
    "note": (["save_note", "add_note", "note", "remember", "write_note"], ["Save a note.", "Keep a text for later."],
             [("text", ["text", "note", "content"])], None, ['Note: "{0}"', 'Save the note "{0}".', 'Remember this: "{0}"'], ""),
    "define": (["define", "dictionary", "lookup_word", "meaning_of"], ["Look a word up in the dictionary.", "Meaning of a word."],
               [("word", ["word", "term", "entry"])], None, ["What does {0} mean?", "Define {0}.", "Look up the word {0}."], ""),
    "recipe": (["get_recipe", "recipe", "find_recipe", "cook"], ["Find a recipe.", "Recipe of a dish."],
               [("dish", ["dish", "food", "name"])], None, ["How do I make {0}?", "Find a recipe for {0}.", "I want to cook {0}."], ""),
    "capital": (["get_capital", "capital", "capital_of"], ["Capital of a country."], [("country", ["country", "nation", "of"])], None,
                ["What is the capital of {0}?", "Tell me the capital of {0}.", "Which city is the capital of {0}?"], ""),
    "rewrite": (["rewrite", "improve_text", "shorten", "polish"], ["Rewrite a given text for improved clarity", "Make a text better.", "Shorten a text."],
                [("article", ["text", "input", "article"])], None,
                ["Could you please make the below article more concise?\n\n{0}", "Please rewrite this:\n\n{0}", 'Rewrite "{0}".', "Make this shorter: {0}"], ""),
    "count": (["count_shapes", "count_objects", "log_count", "find_shapes"], ["Count the shapes of one colour.", "Count objects by shape and colour."],
              [("colour", ["colour", "color", "tint"]), ("shape", ["shape", "form", "kind"])], None,
              ["Use the tool to count the {0} {1}s.", "Count the {0} {1}s with the tool.", "Let the tool count every {0} {1}."], ""),
    "lamp": (["set_lamp", "set_light", "change_colour", "paint_wall"], ["Set the colour of a lamp.", "Change the colour."],
             [("colour", ["colour", "color", "value"])], None, ["Make it {0}.", "Set the colour to {0}.", "I want it {0}."], ""),
    "person": (["find_person", "get_contact", "phone_number", "call_person"], ["Find a person's phone number.", "Call somebody."],
               [("name", ["name", "person", "who"])], None, ["What is the number of {0}?", "Call {0}.", "I want to talk to {0}."], ""),
}

# Tools that take what the picture shows: names, descriptions, slots of facts, questions.
PICTURE_TOOLS = {
    "object": (["report_object", "save_object", "store_shape", "log_shape", "draw_shape"], ["Report an object.", "Save a shape with its colour."],
               [("shape", ["shape", "form", "kind"]), ("colour", ["colour", "color", "tint"])],
               ["Report the object in the picture.", "Save what the picture shows.", "Log the shape in the picture.", "Store this object.", "Use the tool on the picture."]),
    "colour": (["set_lamp", "set_light", "save_colour", "paint_wall"], ["Set the colour of a lamp.", "Save a colour."],
               [("colour", ["colour", "color", "value"])],
               ["Set it to the colour of the {s}.", "Use the colour of the {s}.", "Make it the same colour as the {s}."]),
    "number": (["save_count", "report_number", "log_count", "store_number"], ["Save a number.", "Report how many there are."],
               [("shape", ["shape", "what", "kind", "name"]), ("count", ["count", "number", "n", "amount"])],
               ["Report how many {p} there are.", "Save the number of {p}.", "Log the count of the {p}."]),
    "text": (["look_up", "save_text", "define", "search", "translate_word", "speak"], ["Look a word up.", "Save a text.", "Search for a text."],
             [("text", ["text", "word", "query", "term"])],
             ["Look up the word in the picture.", "Use the tool on the word on the sign.", "Search for what the sign says.", "Save the text in the picture.", "Look up what is written here."]),
    "bar": (["report_bar", "save_winner", "log_bar", "store_result"], ["Report a bar of a chart.", "Save the result."],
            [("colour", ["colour", "color", "bar"])], ["Report the tallest bar.", "Save the colour of the tallest bar.", "Use the tool on the tallest bar."]),
}


class Tool:
    def __init__(self, rng, names, descriptions, slots, enum=None):
        self.name = rng.choice(names)
        self.params = []
        properties = {}
        for kind, options in slots:
            p = rng.choice([o for o in options if o not in properties])
            self.params.append(p)
            properties[p] = {"type": "integer" if kind in ("number", "minutes", "count") else "string"}
            if rng.random() < .4:
                properties[p]["description"] = rng.choice([f"The {kind}.", f"The {p} to use.", f"Which {kind}.", f"The {kind} to find."])
        self.enum = None
        if enum and rng.random() < .6:
            self.enum = enum
            properties[enum[0]] = {"type": "string", "enum": list(enum[1])}
            if rng.random() < .4:
                properties[enum[0]] = {"type": "string", "description": f"The {enum[0]} to use.", "enum": list(enum[1])}
        parameters = {"type": "object", "properties": properties}
        if rng.random() < .75:
            parameters["required"] = list(properties)
        self.schema = {"type": "function", "function": {"name": self.name, "description": rng.choice(descriptions), "parameters": parameters}}


def family_tool(rng, key):
    names, descriptions, slots, enum, _, _ = FAMILIES[key]
    return Tool(rng, names, descriptions, slots, enum)


def family_call(rng, key, tool, ask=True):
    """A question for a tool of a family and the arguments it leads to."""
    _, _, slots, _, questions, unit_words = FAMILIES[key]
    values = [value_of(rng, kind) for kind, _ in slots]
    q = rng.choice(questions).format(*(w for _, w in values))
    args = {p: v for p, (v, _) in zip(tool.params, values)}
    if tool.enum:
        unit = rng.choice(tool.enum[1])
        args[tool.enum[0]] = unit
        q = q.rstrip("?.") + " " + unit_words.format("", unit) + q[len(q.rstrip("?.")):]
    return q, args, values


# Families whose tools would answer the question just as well.
ALIKE = {"search": {"define"}, "define": {"search"}, "text": {"define", "search", "translate", "note", "message", "rewrite"},
         "object": {"note", "count"}, "colour": {"lamp"}, "number": {"count", "note", "add"}, "bar": {"note", "lamp"}}


def distractors(rng, used, n, key=None):
    """n tools that the question for a tool of this family or picture tool is not for."""
    tools, names = [], set(used)
    for other in rng.sample(list(FAMILIES), len(FAMILIES)):
        if len(tools) == n:
            break
        if other in ALIKE.get(key, ()):
            continue
        t = family_tool(rng, other)
        if t.name not in names:
            names.add(t.name)
            tools.append(t)
    return tools


def schemas(rng, main, extra):
    tools = [t.schema for t in [*main, *extra]]
    rng.shuffle(tools)
    return tools


def clashing(used_keys, tools):
    """Distractor names must not answer the same question."""
    bad = {"weather": "", }
    names = {n for k in used_keys for n in FAMILIES[k][0]} if used_keys else set()
    return [t for t in tools if t.name not in names]


# ------------------------------------------------------------------ conversations with tools

def result_of(rng, key, tool, args, values):
    """(what the tool says, the sentence made of it)"""
    n = rng.randrange(1, 10 ** rng.randint(1, 3))
    first = values[0][0]
    unit = args.get("unit")
    wrap = rng.choice(["plain", "plain", "json", "json"])

    def out(value, field):
        value = str(value) if wrap == "plain" else json.dumps({rng.choice([field, "result", "value"]): value}, ensure_ascii=False)
        return value
    if key == "weather":
        if rng.random() < .4:
            w = rng.choice(["sunny", "rain", "snow", "cloudy", "windy", "fog"])
            return out(w, "weather"), f"The weather in {first} is: {w}."
        n = rng.randrange(0, 40)
        return out(n, "temperature"), f"It is {n} degrees in {first}."
    if key == "population":
        unit_word = {"millions": " million", "thousands": " thousand"}.get(unit, "")
        return out(n, "population"), f"The population of {first} is {n}{unit_word}."
    if key == "time":
        t = f"{rng.randrange(24):02}:{rng.randrange(60):02}"
        return out(t, "time"), f"It is {t} in {first}."
    if key in ("add", "multiply"):
        return out(n, "sum"), f"The result is {n}."
    if key == "count":
        colour, shape = values[0][0], values[1][0]
        n = rng.randrange(0, 10)
        return out(n, "count"), f"There are {n} {colour} {shape}s." if n != 1 else f"There is 1 {colour} {shape}."
    if key == "capital":
        c = rng.choice(CITIES)
        return out(c, "capital"), f"The capital of {first} is {c}."
    if key == "rewrite":
        t = phrase(rng, 3, 7)
        text = json.dumps({"action": "rewrite", "outcome": t}, separators=rng.choice([(",", ":"), (", ", ": ")])) if rng.random() < .6 else t
        return text, t
    if key == "person":
        t = "".join(str(rng.randrange(10)) for _ in range(6))
        return out(t, "number"), f"The number of {first} is {t}."
    if key in ("define", "translate", "search", "recipe"):
        t = phrase(rng, 2, 6)
        return out(t, "text"), t
    return rng.choice(["ok", "done", '{"status": "ok"}', "saved"]), "Done."


def plain_call(rng, mix):
    """One question, one call (or two at once), perhaps the result and the answer."""
    from chats import answer, system_messages, user
    key = rng.choice(list(FAMILIES))
    tool = family_tool(rng, key)
    extra = clashing([key], distractors(rng, [tool.name], rng.choice([0, 0, 1, 1, 2, 3]), key))
    tools = schemas(rng, [tool], extra)
    messages = system_messages(rng, mix)
    q, args, values = family_call(rng, key, tool)
    calls = [(args, values)]
    if rng.random() < .18 and len(tool.params) == 1 and not tool.enum and key not in ("rewrite", "note", "lamp", "timer"):
        other, word = value_of(rng, FAMILIES[key][2][0][0])
        if word != values[0][1]:
            calls.append(({tool.params[0]: other}, [(other, word)]))
            q = q.replace(values[0][1], rng.choice([f"{values[0][1]} and {word}", f"{values[0][1]} and of {word}" if f"of {values[0][1]}" in q else f"{values[0][1]} and {word}"]))
    kind = "parallel calls" if len(calls) > 1 else "call from the question"
    messages.append(user(q))
    if rng.random() < .62:
        messages.append({"role": "assistant", "calls": [{"name": tool.name, "args": a} for a, _ in calls], "kind": kind})
        return messages, tools
    ids = [call_id(rng) for _ in calls]
    messages.append({"role": "assistant", "calls": [{"name": tool.name, "args": a, "id": i} for (a, _), i in zip(calls, ids)]})
    sentences = []
    for (a, v), i in zip(calls, ids):
        text, sentence = result_of(rng, key, tool, a, v)
        messages.append({"role": "tool", "id": i, "content": text})
        sentences.append(sentence)
    messages.append(answer(" ".join(sentences), "tool result"))
    if rng.random() < .25:       # the conversation goes on; the tools move to the new question
        if rng.random() < .5:
            q, args, values = family_call(rng, key, tool)
            messages += [user(q), {"role": "assistant", "calls": [{"name": tool.name, "args": args}], "kind": "call from the question"}]
        else:
            messages += [user(rng.choice(["Thanks", "Thank you!"])), answer("You're welcome.", "no call")]
    return messages, tools


def picture_call(rng, mix, rows, cols):
    """A call whose arguments come from the picture."""
    from chats import plural, system_messages, unique, user
    key = rng.choice(["object", "object", "colour", "number", "text", "text", "bar"])
    kind = {"text": "word", "bar": "bars"}.get(key, "shapes")
    if rows is None or kind != "shapes" and (rows < 3 or cols < 3):
        rows, cols = data.pick_grid(rng, kind, mix.get("big", .3))
    names, descriptions, slots, questions = PICTURE_TOOLS[key]
    s = data.shapes_scene(rng, rows, cols, 1 if key == "object" else 4) if kind == "shapes" else data.draw(rng, kind, rows, cols)
    tool = Tool(rng, names, descriptions, slots)
    q = rng.choice(questions)
    p = tool.params
    if key == "object":
        o = s.objects[0]
        args = {p[0]: o["shape"], p[1]: o["colour"]}
    elif key == "colour":
        found = [x for x in data.SHAPES if len({o["colour"] for o in s.objects if o["shape"] == x}) == 1]
        if not found:
            return picture_call(rng, mix, rows, cols)
        shape = rng.choice(found)
        args = {p[0]: next(o["colour"] for o in s.objects if o["shape"] == shape)}
        q = q.format(s=shape)
    elif key == "number":
        shape = rng.choice(s.objects)["shape"]
        args = {p[0]: shape, p[1]: sum(o["shape"] == shape for o in s.objects)}
        q = q.format(p=plural(shape))
    elif key == "text":
        args = {p[0]: s.text}
    else:
        best = max(s.bars, key=lambda b: b["value"])
        if len({b["colour"] for b in s.bars}) < len(s.bars):
            return picture_call(rng, mix, rows, cols)
        args = {p[0]: best["colour"]}
    # distractors whose questions cannot be meant
    extra = [t for t in distractors(rng, [tool.name], rng.choice([0, 1, 1, 2]), key) if t.name not in names]
    tools = schemas(rng, [tool], extra)
    messages = system_messages(rng, mix)
    if rng.random() < .25:
        from chats import answer, question
        earlier = question(rng, s)
        messages += [user(s, earlier[0]), answer(earlier[1], earlier[2]), user(q)]
    else:
        messages.append(user(s, q))
    messages.append({"role": "assistant", "calls": [{"name": tool.name, "args": args}], "kind": "call from the picture"})
    return messages, tools


def no_call(rng, mix, rows, cols):
    """Tools are there, but the question is not for them."""
    from chats import answer, question, scene_kind, system_messages, user
    tools = [t.schema for t in distractors(rng, FAMILIES["count"][0], rng.choice([1, 1, 2, 3]))]      # one that counts would be asked
    messages = system_messages(rng, mix)
    if rng.random() < .75:
        kind = scene_kind(rng, mix)
        if rows is None or kind in ("word", "number", "bars") and (rows < 3 or cols < 3):
            rows, cols = data.pick_grid(rng, kind, mix.get("big", .3))
        s = data.draw(rng, kind, rows, cols)
        for t in range(rng.randint(1, 3)):
            q, ans, _ = question(rng, s)
            messages += [user(s, q) if t == 0 else user(q), answer(ans, "no call")]
    else:
        q, ans = rng.choice(TALK)
        messages += [user(rng.choice(q)), answer(ans, "no call")]
    return messages, tools


def card_history(rng, mix):
    """The model card's second request: a finished call in the past, a picture, then a question for the tool."""
    from chats import answer, system, user
    exact = rng.random() < .4
    pop = Tool(rng, FAMILIES["population"][0][:1 if exact else None], FAMILIES["population"][1][:1 if exact else None], FAMILIES["population"][2], FAMILIES["population"][3])
    pop.enum = FAMILIES["population"][3]
    first = pop.params[0] if not exact else "country"
    pop.schema["function"]["parameters"] = {"type": "object", "properties": {
        first: {"type": "string", "description": "The country to find the population of."},
        "unit": {"type": "string", "description": "The unit for the population.", "enum": ["millions", "thousands"]}}, "required": [first, "unit"]}
    rew = Tool(rng, FAMILIES["rewrite"][0][:1 if exact else None], FAMILIES["rewrite"][1][:1], FAMILIES["rewrite"][2])
    rew_param = "text" if exact else rew.params[0]
    rew.schema["function"]["parameters"] = {"type": "object", "properties": {rew_param: {"type": "string", "description": "The input text to rewrite"}}}
    tools = [pop.schema, rew.schema]
    if not exact:
        rng.shuffle(tools)
    text = phrase(rng, 6, 24) + "." if rng.random() < .4 else article(rng)
    short = phrase(rng, 3, 7) + "."
    i = call_id(rng)
    messages = [system(card_prompt(rng))] if rng.random() < mix.get("card_long", .3) else []
    messages += [user(f"Could you please make the below article more concise?\n\n{text}"),
                 {"role": "assistant", "calls": [{"name": rew.name, "args": {rew_param: text}, "id": i}]},
                 {"role": "tool", "id": i, "content": json.dumps({"action": "rewrite", "outcome": short}, separators=(",", ":"))}]
    if rng.random() < .2:
        messages.append(answer("---\n\n" + short, "tool result"))
        return messages, tools
    messages.append(answer("---\n\n" + short))
    s = data.draw(rng, rng.choice(["nothing", "nothing", "shapes"]), *rng.choice([(3, 3), (6, 8)]))
    q = "Can you tell me what is the biggest country depicted on the map?"
    k = rng.random()
    if k < .2:
        messages += [user(s, q), answer("I can't tell.", "no call")]
        return messages, tools
    country = rng.choice(COUNTRIES)
    if rng.random() < .4:      # any name, so that it is copied, not recognised
        country = rng.choice(CITIES + NAMES) if rng.random() < .5 else "".join(rng.sample(SYLLABLES, rng.randint(1, 3))).capitalize()
        k = rng.random()
        if k < .3:      # the tools' texts hold an R that must not be gone on from
            country = rng.choice(["Russia", "Romania", "Rwanda"])
        elif k < .5:
            country = "R" + rng.choice("un en ol ist am os ip ad ub est ick and und ing ort ell".split()) + rng.choice(["", "ia", "land", "a", "o"])
    unit = rng.choice(["millions", "thousands"])
    messages += [user(s, q), answer(f"The biggest country depicted on the map is {country}."),
                 user(rng.choice([f"What is the population of that country in {unit}?", f"What is its population in {unit}?", f"How many people live there, in {unit}?"]))]
    args = {first: country, "unit": unit}
    if k < .8:
        messages.append({"role": "assistant", "calls": [{"name": pop.name, "args": args}], "kind": "call from the history"})
        return messages, tools
    i, n = call_id(rng), rng.randrange(1, 1500)
    messages += [{"role": "assistant", "calls": [{"name": pop.name, "args": args, "id": i}]}, {"role": "tool", "id": i, "content": rng.choice([str(n), json.dumps({"population": n})])},
                 answer(f"The population of {country} is {n} {unit[:-1]}.", "tool result")]
    return messages, tools


COUNT = ["How many {0} {1}s are there?", "How many {0} {1}s do you see?", "Count the {0} {1}s.", "Use the tool: how many {0} {1}s are there?",
         "How many {0} {1}s are in the picture? Use the tool to count them.", "Count the {0} {1}s with the tool.", "Please use the tool to count the {0} {1}s.",
         "Let the tool count the {0} {1}s.", "How many {0} {1}s? Use a tool.", "Call the tool for the {0} {1}s."]


def count_call(rng, mix, rows, cols):
    """A picture of shapes and a tool that counts them: the call asks for what the question names, whatever is there."""
    from chats import system_messages, user
    if rows is None:
        rows, cols = data.pick_grid(rng, "shapes", mix.get("big", .3))
    s = data.shapes_scene(rng, rows, cols, 4)
    o = rng.choice(s.objects)
    found = {"shape": o["shape"], "colour": o["colour"]} if rng.random() < .7 else {"shape": rng.choice(data.SHAPES), "colour": rng.choice(data.COLOURS)}
    order = rng.sample([("shape", ["shape", "shape", "form", "kind"]), ("colour", ["colour", "colour", "color", "tint"])], 2)
    names, descriptions = FAMILIES["count"][:2]
    tool = Tool(rng, names, [*descriptions, "Counts the shapes of one kind and colour in the picture."], order)
    properties = tool.schema["function"]["parameters"]["properties"]
    for p, (kind, _) in zip(tool.params, order):
        if rng.random() < .3:
            others = rng.sample(data.SHAPES if kind == "shape" else data.COLOURS, rng.randint(2, 4))
            properties[p]["enum"] = rng.sample([*{*others, found[kind]}], len({*others, found[kind]}))
    if rng.random() < .2:
        tool.schema["function"]["parameters"]["additionalProperties"] = False
    args = {p: found[kind] for p, (kind, _) in zip(tool.params, order)}
    extra = [t for t in distractors(rng, [tool.name], rng.choice([0, 0, 1, 2])) if t.name not in names]
    q = rng.choice(COUNT).format(found["colour"], found["shape"]).replace("crosss", "crosses")
    return [*system_messages(rng, mix), user(s, q), {"role": "assistant", "calls": [{"name": tool.name, "args": args}], "kind": "call from the question"}], schemas(rng, [tool], extra)


def tool_talk(rng, mix, rows=None, cols=None):
    shares = mix.get("tools", {"plain": 50, "picture": 26, "none": 18, "card": 6, "count": 8})
    what = rng.choices(list(shares), list(shares.values()))[0]
    if what == "plain":
        return plain_call(rng, mix)
    if what == "picture":
        return picture_call(rng, mix, rows, cols)
    if what == "count":
        return count_call(rng, mix, rows, cols)
    if what == "none":
        return no_call(rng, mix, rows, cols)
    return card_history(rng, mix)

"""What the reference makes of a request: mistral-common's ids and pixels through transformers in float32."""
from unittest import mock

import numpy as np
import torch
from mistral_common.protocol.instruct.chunk import ImageURLChunk, TextChunk
from mistral_common.protocol.instruct.messages import SystemMessage, UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from transformers.models.mistral import modeling_mistral

from tiny_checkpoints import OUT, SPECIALS, VOCAB

NEW_TOKENS = 32
MARGIN = 0.04  # asked of the two best tokens at every step; the tests need 0.01
FIXED = [0, 2, 10, 12] + list(range(SPECIALS, VOCAB, 14))  # ids whose log-probability is kept at every position
SYSTEM, TEXTS, PICTURES = "Be brief.", ["Compare ", " with ", ", please."], ["wide.png", "tall.png"]


def prompt(folder):
    """Ids and pixel arrays [3, height, width] of the fixed request with two pictures."""
    content = [TextChunk(text=TEXTS[0])]
    for name, text in zip(PICTURES, TEXTS[1:]):
        content += [ImageURLChunk(image_url=(OUT / name).as_uri()), TextChunk(text=text)]
    request = ChatCompletionRequest(messages=[SystemMessage(content=SYSTEM), UserMessage(content=content)])
    encoded = MistralTokenizer.from_file(folder / "tekken.json").encode_chat_completion(request)
    return encoded.tokens, encoded.images


def batch(pixels):
    """Pictures of different sizes as transformers wants them: padded, with their true sizes."""
    sizes = [p.shape[1:] for p in pixels]
    out = torch.zeros(len(pixels), 3, max(h for h, _ in sizes), max(w for _, w in sizes))
    for i, p in enumerate(pixels):
        out[i, :, :p.shape[1], :p.shape[2]] = torch.from_numpy(np.ascontiguousarray(p, dtype=np.float32))
    return dict(pixel_values=out, image_sizes=torch.tensor(sizes))


@torch.no_grad()
def logprobs(model, ids, pixels):
    """[positions, vocabulary], and the log of the sum of exponentials of the logits at each position."""
    pictures = {k: v.to(model.dtype) if v.is_floating_point() else v for k, v in batch(pixels).items()}
    logits = model(input_ids=torch.tensor([ids]), **pictures).logits[0]
    return torch.log_softmax(logits, -1), torch.logsumexp(logits, -1)


def greedy(model, ids, pixels):
    """The continuation and the smallest lead of the best token over the second."""
    ids, least = list(ids), float("inf")
    for _ in range(NEW_TOKENS):
        best = logprobs(model, ids, pixels)[0][-1].topk(2)
        least = min(least, float(best.values[0] - best.values[1]))
        ids.append(int(best.indices[0]))
    return ids[-NEW_TOKENS:], least


def good(answer, least):
    """Fit to be compared: clear at every step, all ordinary tokens, not one word over and over."""
    return least >= MARGIN and min(answer) >= SPECIALS and len(set(answer)) >= 12


@torch.no_grad()
def picture_rows(model, pixels):
    """Tower output [patches, hidden] and projector output [tokens, dim], all pictures one after the other."""
    out = model.model.get_image_features(**batch(pixels), vision_feature_layer=-1, output_hidden_states=True)
    return out.last_hidden_state[0], torch.cat(list(out.pooler_output))


def half_cache(model, ids, pixels):
    """The same log-probabilities with keys and values rounded to f16, as the default cache keeps them."""
    exact = modeling_mistral.apply_rotary_pos_emb

    def rounding(q, k, *args, **more):
        q, k = exact(q, k, *args, **more)
        return q, k.half().to(k.dtype)

    hooks = [layer.self_attn.v_proj.register_forward_hook(lambda _, __, out: out.half().to(out.dtype))
             for layer in model.model.language_model.layers]
    with mock.patch.object(modeling_mistral, "apply_rotary_pos_emb", rounding):
        rounded = logprobs(model, ids, pixels)[0]
    for hook in hooks:
        hook.remove()
    return rounded

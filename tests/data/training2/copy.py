"""Copies the cases of the reference group training2 that the tests need: python3 copy.py FOLDER_OF_THE_GROUP

Whole cases, byte for byte, but for one average of the weights instead of four.
"""
import json
import os
import shutil
import struct
import sys

SOURCE, TARGET = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
TRAJECTORIES = {"contrastive/adamw-groups-clip", "contrastive/adamw-warmup-cosine", "data-parallel/adamw-20", "layer-decay/adamw", "ema/adamw"}
GRADIENTS = {"siglip/gradients", "teacher/gradients", "contrastive/gradients-24", "siglip/gradients-24"}
SMALL = {
    "embeddings", "gathered_loss_and_gradients", "adamw", "muon", "clip_grad_norm", "newton_schulz", "schedule", "locked_groups", "layer_decay_groups",
    "dropout_statistics", "retrieval", "zero_shot",
}

root = json.load(open(os.path.join(SOURCE, "cases.json")))
root["cases"] = [
    case for case in root["cases"]
    if case["call"] in SMALL or case["name"] in TRAJECTORIES | GRADIENTS
]
for case in root["cases"]:
    if "ema" in case:
        case["ema"] = {"warmup": case["ema"]["warmup"]}
        case["outputs"] = {k: v for k, v in case["outputs"].items() if not k.startswith("ema.") or k.startswith("ema.warmup.")}
json.dump(root, open(os.path.join(TARGET, "cases.json"), "w"), separators=(",", ":"))

names = sorted({name for case in root["cases"] for part in ("inputs", "outputs") for name in case[part].values()})
with open(os.path.join(SOURCE, "tensors.safetensors"), "rb") as source:
    size = struct.unpack("<Q", source.read(8))[0]
    entries = json.loads(source.read(size))
    # The widest numbers first, so that each lies where its width needs.
    names.sort(key=lambda name: (-{"I64": 8, "F64": 8, "F32": 4, "U8": 1}[entries[name]["dtype"]], name))
    header, data = {}, []
    for name in names:
        start, end = entries[name]["data_offsets"]
        source.seek(8 + size + start)
        begin = sum(map(len, data))
        data.append(source.read(end - start))
        header[name] = {**entries[name], "data_offsets": [begin, begin + end - start]}
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(os.path.join(TARGET, "tensors.safetensors"), "wb") as target:
    target.write(struct.pack("<Q", len(text)) + text + b"".join(data))
shutil.copytree(os.path.join(SOURCE, "checkpoints"), os.path.join(TARGET, "checkpoints"), dirs_exist_ok=True)

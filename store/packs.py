"""Where packs are read from: those that come with Vigil, and a home's own."""

from pathlib import Path

import policy
from policy import pack_floor
from policy.errors import Fault, Invalid
from policy.pack import Pack
from policy.pack_parse import PackInvalid, Raw, parse, read_raw

SHIPPED = Path(policy.__file__).parent / "packs"
KEPT = Path("packs", ".kept")  # in the home: each pack as it was last used


def keep_packs(home: Path) -> None:
    """Keep a copy of the home's packs: a case must not fall silent because the file of its pack was taken away."""
    kept = home / KEPT
    for file in sorted((home / "packs").glob("*.toml")):
        text = file.read_bytes()
        copy = kept / file.name
        if not copy.exists() or copy.read_bytes() != text:
            kept.mkdir(exist_ok=True)
            copy.with_suffix(".new").write_bytes(text)
            copy.with_suffix(".new").replace(copy)


def load_packs(home: Path | None) -> dict[str, Pack]:
    """Read every pack, by name; raise PackInvalid with the faults of all of them when any has one.

    A pack's name is its file's. The home's packs lie in HOME/packs; one may inherit from a shipped pack, but not
    take its name: a case pinned to a name must not change its procedure because a file appeared. One whose file
    has gone is read as it was kept, for cases may follow it.
    """
    texts, faults = pack_texts(home)
    packs: dict[str, Pack] = {}
    for name in sorted(texts):
        try:
            packs[name] = parse(name, texts)
            faults.extend(pack_floor.faults(packs[name]))
        except Invalid as error:
            faults.extend(fault for fault in error.faults if fault not in faults)
    if faults:
        raise PackInvalid("packs have faults", faults)
    return packs


def pack_tables(home: Path | None) -> dict[str, Raw]:
    """Give every pack that `load_packs` reads as one table, its parents merged into it."""
    texts, _ = pack_texts(home)
    return {name: read_raw(name, texts) for name in sorted(texts)}


def pack_texts(home: Path | None) -> tuple[dict[str, str], list[Fault]]:
    """Give the text of each pack by name, and what is wrong with the files themselves."""
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    for folder in (SHIPPED, *([home / "packs"] if home else [])):
        for file in sorted(folder.glob("*.toml")):
            if file.stem in texts:
                remedy = f'give the file another name and write inherits = "{file.stem}"'
                faults.append(Fault(file.name, "a pack of this name comes with Vigil", remedy))
                continue
            try:
                texts[file.stem] = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                faults.append(Fault(file.name, "cannot be read as UTF-8 text", "save the file as UTF-8"))
    named = {fault.field.removesuffix(".toml") for fault in faults}
    for file in sorted((home / KEPT).glob("*.toml")) if home else ():
        if file.stem not in texts and file.stem not in named:
            texts[file.stem] = file.read_text(encoding="utf-8")
    return texts, faults

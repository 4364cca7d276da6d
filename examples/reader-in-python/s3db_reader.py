#!/usr/bin/env python3
"""Reads backups of the format s3db-backup/1 with Python's standard library alone (3.11 or newer).

  python3 s3db_reader.py list  <destination>        the backups in a directory, one JSON line each
  python3 s3db_reader.py read  <destination> <id>   the records at the end of the chain, one JSON line each
  python3 s3db_reader.py state <destination> <id>   the same as one JSON document, for the conformance cases

A backup is checked completely before a record is printed. If it is refused, the program prints the reason and exits
with code 1. Not supported: encrypted backups, `brotli`, and before Python 3.14 `zstd`, which need other modules.
Every resource is held in memory; the format can be read in one pass, see "The merge" in its document.
"""
import hashlib, json, math, os, re, sys, zlib
from base64 import urlsafe_b64encode
from calendar import monthrange

ZEROS, NOTE = "0" * 64, re.compile(r"(s3db|started|failed|deleted(\.\d+)?)\.json")
SEAL = re.compile(rb',\n  "checksum": "([0-9a-f]{64})"\n\}\n')
MADE_ID = re.compile(r".+-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[a-z0-9]{6}")


def TEXT(value): return isinstance(value, str)
def COUNT(value): return type(value) is int and 0 <= value < 2**53
def BOOLEAN(value): return type(value) is bool
def OBJECT(value): return isinstance(value, dict)
def LIST(value): return isinstance(value, list)
def ANY(_): return True
def MATCH(pattern): return lambda value: TEXT(value) and re.fullmatch(pattern, value) is not None
def ONE_OF(*values): return lambda value: value in values
def OR_NULL(fits): return lambda value: value is None or fits(value)
def LIST_OF(fits): return lambda value: LIST(value) and all(map(fits, value))
def FIELDS(**table): return lambda value: wrong_field(value, table) is None


def TIME(value):
    parts = TEXT(value) and re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z", value, re.ASCII)
    if not parts:
        return False
    year, month, day = map(int, parts.groups()[:3])
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def wrong_field(value, table):
    """The first field that is missing or has the wrong type. A name that ends in __ may be absent."""
    if not OBJECT(value):
        return "object"
    for name, fits in table.items():
        there, name = (not name.endswith("__"), name.removesuffix("__"))
        if not fits(value[name]) if name in value else there:
            return name


# The field tables of the format document.
HASH, FILE = MATCH("[0-9a-f]{64}"), MATCH(r"(?!\.{1,2}$)[^/\\\x00-\x1f\x7f-\x9f]{1,255}")
MANIFEST = dict(
    version=TEXT, id=TEXT, backupType=TEXT, status=ONE_OF("completed", "incomplete"), parent=OR_NULL(TEXT), set=TEXT,
    losses__=FIELDS(count=COUNT, added=COUNT, before=OR_NULL(TEXT)), consolidates__=TEXT, compared__=BOOLEAN, asOf__=TIME,
    selection__=FIELDS(resources=OR_NULL(LIST_OF(TEXT)), exclude=LIST_OF(TEXT), filter=ANY), exportedAt=TIME, completedAt=TIME,
    window=FIELDS(**{"from": TIME, "to": TIME}), database=OBJECT, resources=OBJECT, internal=OBJECT, parts=LIST, metadata=OBJECT,
    writer=FIELDS(name=TEXT, version=TEXT))
LOOK = dict.fromkeys(("missing", "asked", "gone", "found", "kept", "listings", "requests"), COUNT)
ENTRY = dict(
    name=MATCH("(?s).+"), attributes=OBJECT, partitions=OBJECT, timestamps=BOOLEAN, recordCount=COUNT, exportFile=FILE, compression=TEXT,
    format=ONE_OF("jsonl"), bytesWritten=COUNT, of__=OR_NULL(TEXT), shape__=TEXT, whole=BOOLEAN, totalCount=COUNT, replacedCount=COUNT,
    deletedCount=COUNT, state=FIELDS(before=HASH, after=HASH), contentHash__=TEXT, ordered=BOOLEAN, vanished=COUNT,
    lost=LIST_OF(FIELDS(id=TEXT, reason=TEXT)), lostWithoutId__=LIST_OF(FIELDS(reason=TEXT, count=OR_NULL(COUNT))),
    secondLook__=FIELDS(**LOOK, problem__=TEXT))
PART = dict(
    file=FILE, resource=TEXT, holds=TEXT, kind__=TEXT, records=COUNT, bytes=COUNT, sha256=HASH, blocks=LIST_OF(HASH),
    blockBytes=lambda value: COUNT(value) and value > 0, contentBytes=COUNT, longestLine=COUNT, codecs=LIST_OF(TEXT))
KINDS = ("rows", "raw", "index", "deleted")


class Refused(Exception):
    def __init__(self, code, why):
        super().__init__(f"{code}: {why}")
        self.code = code


def check(holds, why, code="corrupt"):
    if not holds:
        raise Refused(code, why)


def fields(value, table, what):
    wrong = wrong_field(value, table)
    check(wrong is None, f"{what} has no sound {wrong}")


def parse(text, what):
    def no_number(text):
        raise ValueError(f"{text} is no number that can be kept")
    def nearest(text):
        number = float(text)
        if not math.isfinite(number):
            no_number(text)
        return int(number) if abs(number) < 2**53 and number == int(number) else number
    try:
        return json.loads(text.decode("utf-8"), parse_constant=no_number, parse_float=nearest, parse_int=nearest)
    except (ValueError, RecursionError) as error:
        raise Refused("corrupt", f"{what} is no JSON: {error}") from None


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def as_javascript(value):
    """JSON as JSON.stringify writes it: lone surrogates escaped, nothing else beyond ASCII."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text).encode("utf-8")


def content_hash(data):
    return urlsafe_b64encode(hashlib.sha256(data).digest()[:8]).rstrip(b"=").decode()


def element(id, hash):
    return int(sha256(as_javascript([id, hash])), 16)


def order(id):
    """Ids ascend by their UTF-8; lone surrogates come after U+FFFF, as if they were pairs."""
    units = id.encode("utf-16-be", "surrogatepass")
    values = (units[i] << 8 | units[i + 1] for i in range(0, len(units), 2))
    return [v + 0x10000 if 0xD800 <= v <= 0xDFFF else v for v in values]


def find(destination):
    """The directories of backups by id, in the order of their paths."""
    found = {}
    for directory, _, files in os.walk(destination):
        id = os.path.basename(directory)
        if "s3db.json" in files and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", id) and ".." not in id:
            if is_manifest(manifest_bytes(directory), id):
                found.setdefault(id, []).append(directory)
    return {id: sorted(some, key=os.fsencode) for id, some in found.items()}


def manifest_bytes(directory):
    with open(os.path.join(directory, "s3db.json"), "rb") as file:
        return file.read(2**26 + 1)


def open_manifest(found, id):
    check(id in found, f"there is no backup {id}", "not_found")
    directories = found[id]
    if len(directories) == 1:
        return open_in(directories[0], id)
    try:
        copies = [open_in(directory, id) for directory in directories]
    except Refused as error:
        raise Refused("conflict", f"of the backups {directories} one is damaged: {error}") from None
    check(len(set(map(manifest_bytes, directories))) == 1, f"there are different backups {directories}", "conflict")
    # Of several copies, the one with the most of its parts; of several such, the first.
    return max(copies, key=lambda copy: sum(size_of(copy, part) == part["bytes"] for part in copy["parts"]))


def size_of(link, part):
    path = os.path.join(link["directory"], part["file"])
    return os.path.getsize(path) if os.path.isfile(path) else None


def is_manifest(data, id):
    if b'"s3db-backup/' in data[:4096] or SEAL.fullmatch(data[-85:]) or MADE_ID.fullmatch(id):
        return True
    try:
        parse(data, "")
        return False
    except Refused:
        return True


def open_in(directory, id):
    data = manifest_bytes(directory)
    check(len(data) <= 2**26, "the manifest is too long")
    manifest, seal = parse(data, "the manifest"), SEAL.fullmatch(data[-85:])
    check(not seal or sha256(data[:-85]) == seal[1].decode(), "the seal does not fit")
    name = manifest.get("format") if OBJECT(manifest) else None
    number = re.fullmatch(r"s3db-backup/([1-9][0-9]{0,5})", name) if TEXT(name) else None
    check(number, "the manifest does not name its format")
    check(int(number[1]) <= 1, f"the format is {name}", "incompatible_format")
    check(seal, "the seal is missing")
    check(manifest.get("id") == id, f"the manifest is that of {manifest.get('id')}")
    if "encryption" in manifest:
        fields(manifest["encryption"], dict(algorithm=TEXT, keyFile=FILE), "the encryption")
        raise Refused("undecryptable", "the backup is encrypted")
    fields(manifest, MANIFEST, "the manifest")
    for part in manifest["parts"]:
        fields(part, PART, "a part")
    files = [part["file"] for part in manifest["parts"]]
    check(len(set(files)) == len(files), "two parts have one file")
    manifest["entries"] = {**manifest["resources"], **manifest["internal"]}
    for name, entry in manifest["entries"].items():
        fields(entry, ENTRY, f"the entry {name}")
        check(entry["name"] == name and name != "__proto__", f"the entry {name} has another name")
    return {**manifest, "directory": directory}


def check_as_a_whole(manifest):
    """Refuses contradictions in what a manifest says about the backup as a whole."""
    check(not any(NOTE.fullmatch(part["file"]) for part in manifest["parts"]), "a part is called like a note")
    check(not set(manifest["resources"]) & set(manifest["internal"]), "a name is both a resource and internal")
    for entry in manifest["internal"].values():
        check(entry.get("of") is None or entry["of"] in manifest["resources"], f"{entry['name']} is of no resource")
    for part in manifest["parts"]:
        check(part["holds"] not in KINDS or part["resource"] in manifest["entries"], f"{part['file']} is of no resource")
    losses = any(entry["lost"] or entry.get("lostWithoutId") for entry in manifest["entries"].values())
    check(manifest["status"] == "incomplete" or not losses, "a completed backup lacks records")


def open_chain(destination, id):
    found = find(destination)
    chain = [open_manifest(found, id)]
    while chain[0]["parent"] is not None:
        child, parent = chain[0], chain[0]["parent"]
        check(all(link["id"] != parent for link in chain), f"{parent} is its own ancestor", "broken_chain")
        try:
            chain.insert(0, open_manifest(found, parent))
        except Refused as error:
            raise Refused("broken_chain" if error.code in ("not_found", "corrupt", "undecryptable") else error.code, f"{parent} is needed: {error}") from None
        check(chain[0]["set"] == child["set"], f"{parent} is of another set", "broken_chain")
    return chain


def stored(link, part):
    """The stored bytes of a part, every block compared with its hash."""
    try:
        with open(os.path.join(link["directory"], part["file"]), "rb") as file:
            data = file.read(part["bytes"] + 1)
    except OSError as error:
        raise Refused("corrupt", f"{part['file']} cannot be read: {error}") from None
    size = part["blockBytes"]
    check(size <= 2**26 and len(data) == part["bytes"], f"{part['file']} has another size")
    check([sha256(data[i:i + size]) for i in range(0, len(data), size)] == part["blocks"], f"{part['file']} is altered")
    check(sha256(data) == part["sha256"], f"{part['file']} has another sha256")
    return data


def decode(data, codec, most):
    """Undoes one codec. Never decodes more than allowed; refuses bytes after the end, and an empty input."""
    if codec == "zstd" and sys.version_info >= (3, 14):
        from compression import zstd
        frame = zstd.ZstdDecompressor()
        out = frame.decompress(data, most + 1)
        check(len(out) <= most and frame.eof and not frame.unused_data, "it is no whole frame, or more than one")
        return out
    check(codec in ("gzip", "deflate"), f"the codec {codec} is not known here", "unsupported")
    out = b""
    try:
        while True:
            member = zlib.decompressobj(31 if codec == "gzip" else 15)
            out += member.decompress(data, most + 1 - len(out))
            check(len(out) <= most, "it decodes to more than its manifest says")
            check(member.eof, "it ends early")
            data = member.unused_data
            if not data:
                return out
            check(codec == "gzip", "something follows its end")
    except zlib.error as error:
        raise Refused("corrupt", str(error)) from None


def lines(link, name, kind):
    """The lines of one kind of a resource, over all its parts: each as bytes and as a value."""
    for part in (part for part in link["parts"] if part["resource"] == name and part["holds"] == kind):
        data = stored(link, part)
        for codec in reversed(part["codecs"]):
            data = decode(data, codec, 2 * part["contentBytes"] + 2**20)
        check(len(data) <= part["contentBytes"], f"{part['file']} decodes to more than its manifest says")
        *texts, rest = data.split(b"\n")
        check(rest == b"" and len(texts) == part["records"], f"{part['file']} has another number of lines")
        for text in texts:
            check(len(text) <= min(part["longestLine"], 2**28), f"{part['file']} has too long a line")
            yield text, parse(text, f"a line of {part['file']}")


def by_id(link, name, kind):
    """The same lines by id, in their order."""
    found, last = {}, None
    for text, value in lines(link, name, kind):
        if kind == "index":
            check(LIST(value) and len(value) > 2 and TEXT(value[2]) and type(value[1]) in (int, float), "no index entry")
            value = {"id": value[0], "hash": value[2]}
        check(OBJECT(value) and TEXT(value.get("id")), f"a line of {kind} has no id")
        id = value["id"]
        check(id not in found, f"{id} is in {kind} twice")
        check(last is None or not link["entries"][name]["ordered"] or order(last) < order(id), f"{kind} is not in order")
        check(kind != "raw" or "raw" in value, "a line is no raw form")
        found[id], last = (text, value), id
    return found


def lay_over(link, parent, name, records, hashes):
    """Merges one backup into the records of those before it, and checks what it says about them."""
    check_as_a_whole(link)
    entry = link["entries"].get(name)
    if entry is None:
        return
    rows, raw, index, deleted = (by_id(link, name, kind) for kind in KINDS)
    before = (parent["entries"].get(name) if parent else None) or {"totalCount": 0, "state": {"after": ZEROS}, "ordered": True}
    first = [part for part in link["parts"] if part["resource"] == name and part["holds"] == "rows"]
    check(first and first[0]["file"] == entry["exportFile"], f"{name} has another first part")
    check(sum(part["bytes"] for part in first) == entry["bytesWritten"], f"{name} has another bytesWritten")
    check((len(rows), len(deleted)) == (entry["recordCount"], entry["deletedCount"]), f"{name} has other counts")
    in_order = lambda some, of: [id for id in of if id in some] == list(some)
    check(in_order(raw, rows), f"a raw form of {name} has no row, or comes in another order")
    check(in_order(rows, index) and not deleted.keys() & index.keys(), f"the index of {name} is not that of its rows")
    state = int(entry["state"]["before"], 16)
    if entry["whole"]:
        records.clear(), hashes.clear()
        check(len(index) == len(rows) and not deleted and not entry["replacedCount"], f"{name} is not whole")
        check(entry["totalCount"] == len(rows) and state == 0, f"{name} is whole and builds on something")
    else:
        check(parent, f"{name} builds on a parent, and there is none")
        check(entry["ordered"] and before["ordered"], f"{name} builds on what has no order")
        tells = "shape" if "shape" in before or "shape" in entry else "definition"
        alike = [tells in before and json.dumps(before[tells], sort_keys=True) for before in (before, entry)]
        check("name" not in before or alike[0] == alike[1], f"{name} is stored otherwise than before")
        check(entry["state"]["before"] == before["state"]["after"], f"{name} begins with another state")
        total = before["totalCount"] + len(rows) - entry["replacedCount"] - len(deleted)
        check(entry["totalCount"] == total, f"{name} has another totalCount")
        check(entry["replacedCount"] == sum(id in records for id in rows), f"{name} replaces other records")
    for id in deleted:
        check(id in records, f"{id} of {name} is deleted and was not there")
        state -= element(id, hashes.pop(id))
        del records[id]
    for id, (_, mark) in index.items():
        if id not in rows:
            check(hashes.get(id) == mark["hash"], f"{id} of {name} is noted anew and is another")
            continue
        text = rows[id][0] + (b"\n" + raw[id][0] if id in raw else b"")
        check(entry.get("contentHash") != "lines" or content_hash(text) == mark["hash"], f"{id} of {name} has another hash")
        state += element(id, mark["hash"]) - (element(id, hashes[id]) if id in hashes else 0)
        hashes[id] = mark["hash"]
        # A row replaces the record and its raw form, even if it has no raw form of its own.
        records[id] = {"row": rows[id][1], **({"raw": raw[id][1]["raw"]} if id in raw else {})}
    check(f"{state % 2**256:064x}" == entry["state"]["after"], f"{name} has another state")


def read(destination, id):
    """The records of every resource at the end of a backup's chain."""
    chain = open_chain(destination, id)
    newest = chain[-1]
    check_as_a_whole(newest)
    for part in newest["parts"]:
        if part["holds"] not in KINDS:
            stored(newest, part)
    result = {"chain": [link["id"] for link in chain], "status": newest["status"], "resources": {}, "internal": {}}
    for group in ("resources", "internal"):
        for name in newest[group]:
            whole = [i for i, link in enumerate(chain) if link["entries"].get(name, {"whole": True})["whole"]]
            base, records, hashes = (whole or [0])[-1], {}, {}
            for i in range(base, len(chain)):
                lay_over(chain[i], chain[i - 1] if i else None, name, records, hashes)
            ids = sorted(records, key=order) if newest["entries"][name]["ordered"] else records
            result[group][name] = [records[id] for id in ids]
    return result


def main(command, destination, id=None):
    if command == "list":
        for id, directories in sorted(find(destination).items()):
            try:
                manifest = open_manifest({id: directories}, id)
                print(json.dumps({"id": id, **{name: manifest[name] for name in ("backupType", "parent", "exportedAt", "status")}}))
            except Refused as error:
                print(json.dumps({"id": id, "refused": error.code, "why": str(error)}))
        return
    state = read(destination, id)
    if command == "state":
        return print(json.dumps(state))
    for name, records in [*state["resources"].items(), *state["internal"].items()]:
        for record in records:
            print(json.dumps({"resource": name, **record}))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("list", "read", "state"):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except Refused as error:
        sys.exit(str(error))

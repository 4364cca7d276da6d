"""Writes a full backup and an incremental one, as a stranger does who has the format's document and Python.

  python3 stranger_writer.py <destination>     reads from its input: [[record, ...], [record, ...]]
"""
import base64, gzip, hashlib, json, os, sys

TIME = "2024-03-15T14:30:45.000Z"
BLOCK = 4 * 1024 * 1024


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def line(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def content_hash(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()[:8]).rstrip(b"=").decode()


def state(hashes):
    return f"{sum(int(sha256(line([id, hash])), 16) for id, hash in hashes.items()) % 2**256:064x}"


def store_part(directory, file, holds, lines):
    content = b"".join(one + b"\n" for one in lines)
    stored = gzip.compress(content)
    with open(os.path.join(directory, file), "xb") as target:
        target.write(stored)
    return {
        "file": file, "resource": "users", "holds": holds, "records": len(lines),
        "bytes": len(stored), "sha256": sha256(stored),
        "blocks": [sha256(stored[i:i + BLOCK]) for i in range(0, len(stored), BLOCK)], "blockBytes": BLOCK,
        "contentBytes": len(content), "longestLine": max(map(len, lines), default=0), "codecs": ["gzip"],
    }


def back_up(destination, id, records, parent=None, before=None):
    directory = os.path.join(destination, "2024", id)
    os.makedirs(directory)
    rows = {record["id"]: line(record) for record in sorted(records, key=lambda record: record["id"].encode("utf-8"))}
    hashes = {id: content_hash(row) for id, row in rows.items()}
    known = before or {}
    changed = [id for id in rows if known.get(id) != hashes[id]]
    gone = sorted((id for id in known if id not in rows), key=lambda id: id.encode("utf-8"))
    parts = [
        store_part(directory, "users.jsonl.gz", "rows", [rows[id] for id in changed]),
        store_part(directory, "users.index.jsonl.gz", "index", [line([id, 0, hashes[id]]) for id in changed]),
    ]
    if gone:
        parts.append(store_part(directory, "users.deleted.jsonl.gz", "deleted", [line({"id": id}) for id in gone]))
    entry = {
        "name": "users", "attributes": {}, "partitions": {}, "timestamps": False,
        "recordCount": len(changed), "exportFile": "users.jsonl.gz", "compression": "gzip", "format": "jsonl",
        "bytesWritten": parts[0]["bytes"], "shape": "stranger", "whole": before is None, "totalCount": len(rows),
        "replacedCount": sum(id in known for id in changed), "deletedCount": len(gone),
        "state": {"before": state(known), "after": state(hashes)}, "contentHash": "lines",
        "ordered": True, "vanished": 0, "lost": [],
    }
    manifest = {
        "format": "s3db-backup/1", "version": "1.0", "id": id, "backupType": "incremental" if parent else "full",
        "status": "completed", "parent": parent, "set": "stranger",
        "selection": {"resources": None, "exclude": [], "filter": None},
        "exportedAt": TIME, "completedAt": TIME, "window": {"from": TIME, "to": TIME}, "database": {},
        "resources": {"users": entry}, "internal": {}, "parts": parts, "metadata": {},
        "writer": {"name": "stranger", "version": "1"},
    }
    body = line(manifest)[:-1]
    with open(os.path.join(directory, "s3db.json"), "xb") as target:
        target.write(body + b',\n  "checksum": "' + sha256(body).encode() + b'"\n}\n')
    return hashes


first, second = json.load(sys.stdin)
hashes = back_up(sys.argv[1], "first", first)
back_up(sys.argv[1], "second", second, parent="first", before=hashes)

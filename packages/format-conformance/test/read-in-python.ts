import { join } from 'node:path'
import type { ExpectedState } from './case.ts'
import { python } from './python.ts'

// The reader in examples/reader-in-python is based on the format document and Python's standard library alone.
const folder = join(import.meta.dirname, '../../../examples/reader-in-python')

/** Reads many backups in one process: what it makes of each, or why it refuses it. */
const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import s3db_reader
for destination, id in json.load(sys.stdin):
    try:
        print(json.dumps({"state": s3db_reader.read(destination, id)}))
    except s3db_reader.Refused as error:
        print(json.dumps({"refused": error.code}))
print(json.dumps({"zstd": sys.version_info >= (3, 14)}))
`

/** What it makes of a backup. */
export type Answer = { readonly state: ExpectedState } | { readonly refused: string }

/** What the reader in Python makes of some backups, and whether it knows zstd. */
export function readInPython(asked: readonly (readonly [destination: string, id: string])[]): {
  answers: Answer[]
  zstd: boolean
} {
  const lines = python(['-c', program, folder], asked)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { answers: lines.slice(0, -1), zstd: lines.at(-1).zstd }
}

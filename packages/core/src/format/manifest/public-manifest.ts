import * as z from 'zod'
import type { Manifest } from '../../manifest.js'
import { kindOfHolds } from '../object-kind.js'
import { manifestSchema, partSchema, partsSchema } from './manifest-schema.js'

/** The readable fields of an encrypted manifest: enough to list, prune, copy and compare sizes and hashes. */
const publicFields: ReadonlySet<string> = new Set([
  ...['format', 'version', 'id', 'backupType', 'status', 'parent', 'consolidates', 'set'],
  ...['exportedAt', 'completedAt', 'window', 'asOf', 'compared', 'losses', 'encryption', 'writer'],
])

const publicPartFields: ReadonlySet<string> = new Set([
  ...['file', 'kind', 'bytes', 'sha256', 'blocks', 'blockBytes', 'codecs'],
])

/** A manifest in two: the public fields, and the fields that need the key. Unknown fields are secret. */
export function split({ parts, ...manifest }: Manifest): { public: object; private: object } {
  const [open, secret] = divide(manifest, publicFields)
  const divided = parts.map((part) => divide({ ...part, kind: kindOfHolds(part.holds) }, publicPartFields))
  return {
    public: { ...open, parts: divided.map(([part]) => part) },
    private: { ...secret, parts: divided.map(([, part]) => part) },
  }
}

function divide(fields: object, chosen: ReadonlySet<string>): [object, object] {
  const entries = Object.entries(fields)
  return [
    Object.fromEntries(entries.filter(([name]) => chosen.has(name))),
    Object.fromEntries(entries.filter(([name]) => !chosen.has(name))),
  ]
}

const secrets = { resources: true, internal: true, database: true, metadata: true } as const

/** An encrypted manifest as it is stored. `private` holds the rest, encrypted. */
export const storedSchema = z.looseObject({
  ...manifestSchema.omit(secrets).required({ encryption: true }).shape,
  parts: partsSchema(
    partSchema.pick({
      ...{ file: true, kind: true, bytes: true, sha256: true, blocks: true, blockBytes: true, codecs: true },
    }),
  ),
  private: z.string(),
})

/** Whether the JSON of a manifest is that of an encrypted backup. */
export function isEncrypted(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'encryption' in json
}

/** Stands for the fields that are unknown without the key. */
const unknownPart = { resource: '', holds: '', records: 0, contentBytes: 0, longestLine: 0 }

/** An encrypted manifest as it looks without the key: no resources, and parts of which only sizes are known. */
export function readPublic(json: unknown): z.ZodSafeParseResult<Manifest> {
  return storedSchema
    .transform(({ private: _private, tag: _tag, checksum: _checksum, ...manifest }) => ({
      ...manifest,
      resources: {},
      internal: {},
      database: {},
      metadata: {},
      parts: manifest.parts.map((part) => ({ ...unknownPart, ...part })),
    }))
    .safeParse(json)
}

/** Puts both halves of a manifest together. */
export function join(
  publicHalf: z.infer<typeof storedSchema>,
  privateHalf: unknown,
): z.ZodSafeParseResult<Manifest> {
  const { private: _private, tag: _tag, checksum: _checksum, ...open } = publicHalf
  const { parts, ...rest } = privateSchema.parse(privateHalf)
  return manifestSchema.safeParse({
    ...rest,
    ...open,
    parts: open.parts.map((part, index) => ({ ...parts[index], ...part })),
  })
}

/** Accepts values that do not match; the schema of the whole manifest rejects them. */
const privateSchema = z.looseObject({ parts: z.array(z.looseObject({})).catch([]) }).catch({ parts: [] })

import * as z from 'zod'

/* What `find`, `history`, `list <id>` and `cat --json` print. */

const version = {
  backupId: z.string(),
  /** ISO 8601, UTC. */
  exportedAt: z.string(),
}

const field = z.object({
  field: z.string(),
  /** Its value as JSON; left out where the record did not have it. */
  from: z.string().optional(),
  to: z.string().optional(),
})

export const recordHistory = z.object({
  resource: z.string(),
  id: z.string(),
  versions: z.array(
    z.union([
      z.object({
        ...version,
        change: z.enum(['appeared', 'changed', 'gone']),
        /** In ms since 1970; 0 if unknown. */
        modified: z.number().optional(),
        hash: z.string().optional(),
        fields: z.array(field).optional(),
      }),
      z.object({ ...version, change: z.literal('unreadable'), problem: z.string() }),
    ]),
  ),
})

export const foundRecord = z.object({
  id: z.string(),
  found: z.array(
    z.object({
      resource: z.string(),
      firstSeen: z.string(),
      gone: z.string().nullable(),
      versions: z.number(),
      backupId: z.string(),
    }),
  ),
})

export const rows = z.array(z.looseObject({ id: z.string() }))

export const listedResources = z.object({
  id: z.string(),
  chain: z.array(z.string()),
  resources: z.array(z.object({ name: z.string(), records: z.number() })),
})

export const queried = z.array(z.looseObject({}))

export const exportedFiles = z.object({
  id: z.string(),
  format: z.enum(['parquet', 'csv', 'jsonl']),
  files: z.array(
    z.object({ resource: z.string(), file: z.string(), records: z.number(), bytes: z.number() }),
  ),
})

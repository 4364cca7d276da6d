import * as z from 'zod'
import { type ReadOptions, readOptions } from '../chain/read-options.js'
import { BackupError } from '../errors.js'
import { parseOptions } from '../options.js'

/** Which backup is opened: one of `id` and `at`. */
export interface OpenOptions extends ReadOptions {
  readonly id?: string | undefined
  /** The newest backup of this time or earlier, whatever its series: a `Date`, or ISO 8601 with a zone. */
  readonly at?: Date | string | undefined
}

/** Which records are read. */
export interface RecordsOptions {
  /** The first id. Ids are ordered by the bytes of their UTF-8, see `compareIds`. */
  readonly from?: string | undefined
  /** The first id that is not read any more. */
  readonly to?: string | undefined
  /** Only these, in their own order; with `from` and `to`, those of them that lie between. */
  readonly ids?: readonly string[] | undefined
  /** Only these fields, and the id. */
  readonly fields?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

const openSchema = z.strictObject({
  ...readOptions,
  id: z.string().optional(),
  at: z
    .union([
      z.date(),
      z.iso
        .datetime({ offset: true, error: 'must be a date, or ISO 8601 with a zone' })
        .transform((text) => new Date(text)),
    ])
    .optional(),
})

export type CheckedOpen = z.output<typeof openSchema>

export function parseOpenOptions(options: OpenOptions): CheckedOpen {
  const checked = parseOptions(openSchema, options, { what: 'open options', operation: 'open' })
  if ((checked.id === undefined) !== (checked.at === undefined)) return checked
  throw new BackupError('invalid_options', 'Give the id of a backup or a time (at), one of them', {
    operation: 'open',
  })
}

const recordsSchema = z.strictObject({
  from: z.string().optional(),
  to: z.string().optional(),
  ids: z.array(z.string()).readonly().optional(),
  fields: z.array(z.string()).readonly().optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

export function parseRecordsOptions(options: RecordsOptions): z.output<typeof recordsSchema> {
  return parseOptions(recordsSchema, options, { what: 'records options', operation: 'open' })
}

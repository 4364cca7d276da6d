import * as z from 'zod'
import { problem, time } from './values.js'

/** A page of the records of a resource. Long values are cut: one record alone has them whole. */
export const recordPage = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.object({ id: z.string(), cells: z.array(z.string().nullable()) })),
  /** Where the next page begins; `null` at the end. */
  next: z.string().nullable(),
  /** Records that were read for it. */
  scanned: z.number(),
  total: z.number(),
  /** The backup lacks records of it. */
  lost: z.number(),
})
export type RecordPage = z.output<typeof recordPage>

export const resourceList = z.object({
  backup: z.string(),
  at: time,
  resources: z.array(z.object({ name: z.string(), records: z.number() })),
})
export type ResourceList = z.output<typeof resourceList>

export const recordDetails = z.object({
  found: z.boolean(),
  fields: z.array(z.object({ name: z.string(), type: z.string(), json: z.string() })),
  /** All of it, as JSON, and whether that was cut. */
  json: z.string(),
  cut: z.boolean(),
  bytes: z.number(),
})
export type RecordDetails = z.output<typeof recordDetails>

export const recordHistory = z.object({
  versions: z.array(
    z.object({
      backup: z.string(),
      at: time,
      change: z.enum(['appeared', 'changed', 'gone', 'unreadable']),
      fields: z.array(
        z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
      ),
      error: problem.nullable(),
    }),
  ),
  cut: z.boolean(),
})
export type RecordHistory = z.output<typeof recordHistory>

import type { JsonValue } from '@s3db-backup/core'
import * as z from 'zod'

/*
 * What the process of a query and the one that started it say to each other. Both check what they are told: the one runs
 * SQL of strangers, the other must run nothing else.
 */

/** It came as JSON, so it is JSON; to look at each value would take longer than to read it. */
const json = z.custom<JsonValue>((value) => value !== undefined)

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

export const requestSchema = z.discriminatedUnion('type', [
  /** Which tables does this SQL name? */
  z.object({ type: z.literal('names'), sql: z.string() }),
  /** Open a database with these views over these files, and with nothing else. */
  z.object({
    type: z.literal('open'),
    views: z.array(z.string()),
    files: z.array(z.string()),
    /** For what does not fit into memory. */
    spill: z.string(),
    memory: z.number(),
    threads: z.number(),
  }),
  z.object({
    type: z.literal('query'),
    sql: z.string(),
    params: z.union([z.array(scalar), z.record(z.string(), scalar)]),
  }),
  /** The next rows of the query. */
  z.object({ type: z.literal('next') }),
  /** Write what a query gives into a file; `options` are ours. */
  z.object({ type: z.literal('copy'), sql: z.string(), file: z.string(), options: z.string() }),
])

export type Request = z.infer<typeof requestSchema>

/** Why a request failed, as far as whoever asked can do something about it. */
export const failureSchema = z.enum(['statement', 'access', 'memory', 'space', 'content', 'sql'])

export type Failure = z.infer<typeof failureSchema>

export const columnSchema = z.object({ name: z.string(), type: z.string() })

export const replySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('names'), names: z.array(z.string()) }),
  z.object({ type: z.literal('opened') }),
  z.object({ type: z.literal('columns'), columns: z.array(columnSchema) }),
  z.object({ type: z.literal('rows'), rows: z.array(z.array(json)), done: z.boolean() }),
  z.object({ type: z.literal('copied'), records: z.number() }),
  z.object({ type: z.literal('failed'), failure: failureSchema, message: z.string() }),
])

export type Reply = z.infer<typeof replySchema>

export type ReplyOf<Type extends Reply['type']> = Extract<Reply, { type: Type }>

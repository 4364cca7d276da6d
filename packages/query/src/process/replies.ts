import type { JsonValue } from '@s3db-backup/core'
import * as z from 'zod'
import type { Failure } from './messages.js'

/** It came as JSON, so it is JSON; to look at each value would take longer than to read it. */
const json = z.custom<JsonValue>((value) => value !== undefined)

const failures = ['statement', 'access', 'memory', 'space', 'content', 'sql'] satisfies Failure[]

export const replySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('names'), names: z.array(z.string()) }),
  z.object({ type: z.literal('opened') }),
  z.object({
    type: z.literal('columns'),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
  }),
  z.object({ type: z.literal('rows'), rows: z.array(z.array(json)), done: z.boolean() }),
  z.object({ type: z.literal('copied'), records: z.number() }),
  z.object({ type: z.literal('failed'), failure: z.enum(failures), message: z.string() }),
])

export type Reply = z.infer<typeof replySchema>

export type ReplyOf<Type extends Reply['type']> = Extract<Reply, { type: Type }>

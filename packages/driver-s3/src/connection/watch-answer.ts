import { Readable } from 'node:stream'
import type { ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import { checkAnswer, mustBeRead } from '../errors/foreign-answer.js'
import { type Address, addressOf } from './address.js'
import type { S3Command } from './command.js'

/** The facts about a request once it was sent. */
export interface Watched {
  address?: Address | undefined
}

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  body?: unknown
}

/** Checks each answer before the SDK reads it: a web page is not an empty listing. Records where the request went. */
export function watchAnswer<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: S3Command<Input, Output>,
  watched: Watched,
): void {
  command.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        watched.address = addressOf(args.request)
        const result = await next(args)
        if (isAnswer(result.response)) await look(commandName, result.response)
        return result
      },
    { step: 'deserialize', priority: 'low', name: 'watchAnswer', override: true },
  )
}

async function look(command: string, answer: Answer): Promise<void> {
  const head = { status: answer.statusCode, headers: answer.headers }
  if (!mustBeRead(command, head)) return
  const bytes = await collect(answer.body)
  checkAnswer(command, head, bytes.toString())
  answer.body = Readable.from([bytes], { objectMode: false })
}

async function collect(body: unknown): Promise<Buffer> {
  if (body instanceof Uint8Array || typeof body === 'string') return Buffer.from(body)
  if (!isIterable(body)) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

function isAnswer(response: unknown): response is Answer {
  return (
    typeof response === 'object' &&
    response !== null &&
    'statusCode' in response &&
    typeof response.statusCode === 'number' &&
    'headers' in response &&
    typeof response.headers === 'object'
  )
}

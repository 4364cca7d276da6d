import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import * as z from 'zod'
import type { History, Write } from './history.js'

/** What a writer is to do. */
export interface Order {
  readonly connectionString: string
  readonly options: object
  readonly name: string
  readonly seed: number
  /** Records of its own in each resource. */
  readonly own: number
  /** Records of all writers, and whether they are also deleted. */
  readonly shared: { readonly ids: number; readonly deletes: boolean }
  /** Never reads what it writes on. */
  readonly replacesOnly: boolean
  /** The longest pause between two writes, in ms. */
  readonly pause: number
}

const message = z.union([
  z.object({ said: z.string() }),
  z.object({
    number: z.number(),
    resource: z.string(),
    id: z.string(),
    state: z.record(z.string(), z.unknown()).nullable(),
    began: z.number().optional(),
    ended: z.number().optional(),
    failed: z.string().optional(),
  }),
])

/** A process of its own that writes to a database. */
export interface Writer {
  pause(): Promise<void>
  goOn(): Promise<void>
  /** Resolves once everything that it has begun by now is in the history. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
  /** Writes that ended. */
  readonly writes: number
}

/** By the clock of {@link Write}. */
export const now = (): number => Number(process.hrtime.bigint() / 1000n)

export async function startWriter(order: Order, history: History): Promise<Writer> {
  const child = fork(join(import.meta.dirname, 'writer.mjs'), [JSON.stringify(order)], { execArgv: [] })
  const heard = new EventEmitter()
  const open = new Map<number, Write>()
  let writes = 0
  let trouble: Error | undefined
  child.on('message', (sent) => {
    const parsed = message.parse(sent)
    if ('said' in parsed) return void heard.emit(parsed.said)
    const { number, resource, id, state, began, ended, failed } = parsed
    const key = `${resource}/${id}`
    if (began !== undefined) return void open.set(number, history.begin(key, state, began))
    const write = open.get(number)
    if (write === undefined || ended === undefined) throw new Error(`${order.name} ended what it never began`)
    open.delete(number)
    writes += 1
    write.ended = ended
    if (failed === 'refused') history.forget(key, write)
    else if (failed !== undefined) write.perhaps = true
    if (failed !== undefined && failed !== 'refused' && failed !== 'perhaps')
      trouble ??= new Error(`The writer ${order.name} could not write ${key}: ${failed}`)
  })
  const ended = endOf(child)
  // Whoever waits for the writer gets the failure.
  ended.catch(() => undefined)
  const said = async (what: string, asking: string | undefined): Promise<void> => {
    if (trouble !== undefined) throw trouble
    const answered = once(heard, what)
    if (asking !== undefined) child.send(asking)
    await Promise.race([answered, ended])
    if (trouble !== undefined) throw trouble
  }
  await said('ready', undefined)
  return {
    pause: () => said('paused', 'pause'),
    goOn: () => said('going on', 'running'),
    caughtUp: () => said('pong', 'ping'),
    async stop() {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.send('stop')
      await exit
    },
    get writes() {
      return writes
    },
  }
}

async function endOf(child: ChildProcess): Promise<never> {
  await once(child, 'exit')
  throw new Error('The writer ended before its time')
}

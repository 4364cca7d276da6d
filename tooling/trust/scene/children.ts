import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { History } from './history.ts'
import type { OperationName } from './operations.ts'
import type { Address } from './places.ts'

/** What a process is to do, and when it is to die. */
export interface Order {
  readonly name: OperationName
  readonly addresses: readonly Address[]
  readonly days: History['days']
  /** The folder of the database that is restored into. */
  readonly shelf: string
  /** The step at which it kills itself. */
  readonly killAt?: number | undefined
  /** After how many ms, from its begin, it is killed from outside. */
  readonly killAfter?: number | undefined
}

/** Runs an order in a process of its own. Resolves once that has ended, with whether it was killed. */
export async function inChild({ killAfter, ...order }: Order): Promise<'killed' | 'finished'> {
  const child = start(order)
  const [[code, signal]] = await Promise.all([once(child, 'exit'), begin(child, killAfter)])
  if (signal === 'SIGKILL') return 'killed'
  if (code === 0) return 'finished'
  throw new Error(`The process ended with ${code ?? signal}`)
}

function start(order: Omit<Order, 'killAfter'>): ChildProcess {
  const fromSource = join(import.meta.dirname, '../../../apps/plugin/test/from-source.mjs')
  const program = join(import.meta.dirname, 'child.mjs')
  return spawn(process.execPath, ['--import', fromSource, program, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../node_modules/.trust-cache'),
    },
  })
}

async function begin(child: ChildProcess, killAfter: number | undefined): Promise<void> {
  if (child.stdout === null || child.stdin === null) throw new Error('The process cannot be talked to.')
  await once(child.stdout, 'data')
  child.stdin.on('error', () => undefined)
  child.stdin.end()
  if (killAfter === undefined) return
  await setTimeout(killAfter)
  child.kill('SIGKILL')
}

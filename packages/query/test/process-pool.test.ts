import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { processPool, type Worker } from '../src/process-pool.js'
import { temporaryFolder } from './backups.js'

const namesIn = (sql: string, { process: { spill } }: Worker) =>
  ({ type: 'names', sql, spill, memory: 2 ** 27, threads: 1 }) as const

it('reuses an idle process for the next query, and starts another for a parallel one', async () => {
  const folder = await temporaryFolder()
  const pool = processPool(folder, { memory: 2 ** 27, timeout: 60_000 })
  const { signal } = new AbortController()
  const first = await pool.take(signal)
  const second = await pool.take(signal)
  expect(second).not.toBe(first)
  first.opened = 1
  second.opened = 1
  await first.process.ask(namesIn('SELECT 1', first), 'names')
  await pool.release(first)
  await pool.release(second)
  expect(second.process.isEnded()).toBe(true)
  const third = await pool.take(signal)
  expect(third).toBe(first)
  await expect(third.process.ask(namesIn('FROM users', third), 'names')).resolves.toMatchObject({
    names: ['users'],
  })
  await pool.release(third)
  await pool.close()
  expect(third.process.isEnded()).toBe(true)
})

it('an idle process does not keep the program running, and closing still ends it', async () => {
  const program = (folder: string, end: string) => `
    const { processPool } = await import(${JSON.stringify(new URL('../src/process-pool.ts', import.meta.url).href)})
    const pool = processPool(${JSON.stringify(folder)}, { memory: 2 ** 27, timeout: 60_000 })
    const worker = await pool.take(new AbortController().signal)
    worker.opened = 1
    const limits = { spill: worker.process.spill, memory: 2 ** 27, threads: 1 }
    await worker.process.ask({ type: 'names', sql: 'SELECT 1', ...limits }, 'names')
    await pool.release(worker)
    ${end}`
  const fromSource = new URL('../../../apps/plugin/test/from-source.mjs', import.meta.url).href
  for (const [end, code] of [
    ['', 0],
    ['await pool.close(); process.exitCode = 7', 7],
  ] as const) {
    const args = ['--import', fromSource, '--input-type=module', '-e', program(await temporaryFolder(), end)]
    const child = spawn(process.execPath, args, { stdio: 'inherit' })
    expect(await once(child, 'exit')).toEqual([code, null])
  }
})

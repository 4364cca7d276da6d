import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Database } from 's3db.js'
import { expect, it, onTestFinished } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { connected, fileAddress, filled, memoryAddress, scratch } from './scene.js'

/** Starts `work.mjs` and resolves once it is connected. */
async function start(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(import.meta.dirname, 'from-source.mjs'),
      join(import.meta.dirname, 'work.mjs'),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('the child has no output')
  await once(child.stdout, 'data')
  return child
}

/** Kills the process after a random while, unless it has ended before. */
async function killSoon(child: ChildProcess, most: number): Promise<void> {
  const ended = once(child, 'exit')
  await setTimeout(Math.random() * most)
  child.kill('SIGKILL')
  await ended
}

async function contents(database: Database): Promise<Map<string, unknown>> {
  const users = database.resources.users
  const records = new Map<string, unknown>()
  for (const id of (await users?.listIds({ limit: 10_000 })) ?? []) {
    const { _lastModified, _etag, ...record } = (await users?.get(id)) ?? { id }
    records.set(id, record)
  }
  return records
}

it('every backup listed as complete after a kill at any of 20 moments can be restored', async () => {
  const connectionString = fileAddress()
  const source = await filled(120, { connectionString })
  const originals = await contents(source)
  const path = scratch()
  for (let round = 0; round < 20; round++) {
    const child = await start(['backup', connectionString, path])
    await killSoon(child, 150)
  }
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path }, database: source })
  const listed = await plugin.list()
  const complete = listed.filter(({ status }) => status === 'completed')
  expect(listed).toEqual(complete)
  for (const { id } of complete.slice(0, 5)) {
    const target = await connected({ connectionString: memoryAddress() })
    await plugin.restore(id, { target: target as never })
    expect(await contents(target)).toEqual(originals)
  }
  for (const { id } of complete) await plugin.verify(id)
  expect((await plugin.backup('full')).records).toBe(120)
})

it('a restore killed midway finishes when it is run again', async () => {
  const source = await filled(400)
  const path = scratch()
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path }, database: source })
  const { id } = await plugin.backup('full')
  const there = fileAddress()
  for (let round = 0; round < 4; round++) {
    const child = await start(['restore', there, path, id])
    await killSoon(child, 120)
  }
  await plugin.restore(id, { target: there })
  const target = await connected({ connectionString: there })
  expect(await contents(target)).toEqual(await contents(source))
})

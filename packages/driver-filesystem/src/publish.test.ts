import { createHash } from 'node:crypto'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../test/scratch.js'
import type { Place } from './place.js'
import { publish, type Undo } from './publish.js'
import { passedBy } from './strangers.js'
import { supportOf } from './support.js'
import { isTemporary, temporaryName } from './temporary.js'

/** A place whose file system has no hard links. */
function withoutLinks(root: string): Place {
  const support = supportOf(undefined)
  support.refused('links', Object.assign(new Error('no links'), { code: 'EPERM', syscall: 'link' }), root)
  return {
    root,
    permissions: 0o644,
    directoryPermissions: 0o755,
    arriving: new Map(),
    support,
    passedBy: passedBy(undefined),
  }
}

async function temporaryIn(root: string, content: string): Promise<string> {
  const path = join(root, temporaryName())
  await writeFile(path, content)
  return path
}

test('exactly one of many simultaneous writers of a name wins, even without hard links', async () => {
  const root = scratch()
  await mkdir(root, { recursive: true })
  const place = withoutLinks(root)
  const file = join(root, 'users.jsonl')
  const writers = Array.from({ length: 12 }, async (_, writer) => {
    const undo: Undo = []
    await publish(place, await temporaryIn(root, `of ${writer}`), file, undo)
    return undo.length
  })
  const outcomes = await Promise.allSettled(writers)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' })
  // The losers' callers remove their bytes; no claim is left.
  const names = await readdir(root)
  expect(names.filter((name) => !isTemporary(name))).toEqual(['users.jsonl'])
  expect(names.filter(isTemporary)).toHaveLength(11)
})

/** The claim on a name is always the same file. */
async function claimIn(root: string, name: string, at: Date): Promise<void> {
  const digits = createHash('sha256').update(name).digest('hex').slice(0, 24)
  const claim = join(root, temporaryName(digits))
  await writeFile(claim, '')
  await utimes(claim, at, at)
}

test('a claim is held on a file server, too, whose clock is slow', async () => {
  const root = scratch()
  await mkdir(root, { recursive: true })
  const slow = new Date(Date.now() - 3_600_000)
  const temporary = await temporaryIn(root, 'second')
  await utimes(temporary, slow, slow)
  await claimIn(root, 'orders.jsonl', slow)
  const publishing = publish(withoutLinks(root), temporary, join(root, 'orders.jsonl'), [])
  await expect(publishing).rejects.toMatchObject({ code: 'conflict' })
})

test('the claim of a dead process blocks no one on a file server, either, whose clock is fast', async () => {
  const root = scratch()
  await mkdir(root, { recursive: true })
  const fast = Date.now() + 3_600_000
  const temporary = await temporaryIn(root, 'second')
  await utimes(temporary, new Date(fast), new Date(fast))
  await claimIn(root, 'orders.jsonl', new Date(fast - 120_000))
  await publish(withoutLinks(root), temporary, join(root, 'orders.jsonl'), [])
  expect(await readdir(root)).toEqual(['orders.jsonl'])
})

test('the claim of a dead process blocks no one', async () => {
  const root = scratch()
  const place = withoutLinks(root)
  const file = join(root, 'users.jsonl')
  await publish(place, await temporaryIn(root, 'first'), file, [])
  await claimIn(root, 'orders.jsonl', new Date(Date.now() - 3_600_000))
  await publish(place, await temporaryIn(root, 'second'), join(root, 'orders.jsonl'), [])
  expect((await readdir(root)).sort()).toEqual(['orders.jsonl', 'users.jsonl'])
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type BackupError, verify } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { sized } from '../../../tooling/test/sized.ts'
import { hasPython, withoutPython } from './python.ts'
import { type Answer, readInPython } from './read-in-python.ts'
import { restored } from './restored.ts'
import { chain, type Fields, filesOf, type State } from './writer.ts'

// Two readers were made from one document, and must agree on every backup, whatever is wrong with it. If they differ,
// one of them is wrong, or the document says too little.

const values = fc.constantFrom<unknown>(
  ...[null, true, false, 0, 1, 2, 3, -1, 0.5, '', 'x', 'a', 'users', 'b0', 'b1', [], {}, [{}]],
  ...['lines', 'rows', 'raw', 'index', 'deleted', 'gzip', 'completed', 'incomplete', '0'.repeat(64)],
  ...[[{ id: 'a', reason: 'x' }], [{ reason: 'x', count: null }], '2024-03-15T14:30:45Z'],
)
const record = fc.record({
  row: fc.record({ value: fc.constantFrom(1, 2) }),
  raw: fc.constantFrom(undefined, 1, 2),
})
const state: fc.Arbitrary<State> = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), record, {
  noNullPrototype: true,
})
const lines = ['{"id":"a","value":1}', '{"id":"b","raw":1}', '["a",0,"x"]', '{"id":"c"}', '1', '{"id":1}']
const somewhere = fc.nat({ max: 100_000 })

const forgeries = fc.record({
  states: fc.array(state, { minLength: 1, maxLength: 3 }),
  how: fc.constantFrom('field', 'no field', 'line', 'line twice', 'no line', 'order', 'nothing'),
  kind: fc.constantFrom('rows', 'raw', 'index', 'deleted'),
  which: somewhere,
  at: somewhere,
  value: values,
  line: fc.constantFrom(...lines),
})

type Forgery = typeof forgeries extends fc.Arbitrary<infer T> ? T : never

/** Everything in a JSON value that can be set or removed: what holds it, and under which name. */
function places(value: unknown): [holder: Fields, name: string][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    [value as Fields, name] satisfies [Fields, string],
    ...places(inner),
  ])
}

/** Writes the backups, one of them forged; the id of the newest. */
function write(folder: string, { states, how, kind, which, at, value, line }: Forgery): string {
  const all = chain(...states)
  const forged = all[which % all.length]!
  const some = forged.resources.users![kind as 'rows']
  if (how === 'line') some.splice(at % (some.length + 1), 1, line)
  if (how === 'line twice') some.push(...some.slice(0, 1))
  if (how === 'no line') some.splice(at % (some.length + 1), 1)
  if (how === 'order') some.reverse()
  if (how === 'field' || how === 'no field')
    forged.alterManifest = (manifest) => {
      const all = places(manifest)
      const [holder, name] = all[at % all.length]!
      if (how === 'field') holder[name] = value
      else if (Array.isArray(holder)) holder.splice(Number(name), 1)
      else delete holder[name]
    }
  for (const backup of all)
    for (const [key, bytes] of filesOf(backup)) {
      const file = join(folder, key)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, bytes)
    }
  return all.at(-1)!.id
}

async function inOurs(path: string, id: string): Promise<Answer> {
  const driver = filesystem({ path })
  const report = await verify({ driver, id }).catch((error: BackupError) => ({
    ok: false,
    problems: [error],
  }))
  return report.ok
    ? { state: await restored({ driver, id }) }
    : { refused: report.problems[0]?.code ?? 'nothing' }
}

describe.skipIf(!hasPython)(`our reader and the one in Python${withoutPython}`, () => {
  it('make the same of any backup, forged or not', async () => {
    const root = mkdtempSync(join(tmpdir(), 's3db-backup-readers-'))
    afterAll(() => rmSync(root, { recursive: true, force: true }))
    const made = fc.sample(forgeries, sized({ quick: 60, full: 600 }))
    const asked = made.map((forgery, number) => {
      const folder = join(root, String(number))
      return [folder, write(folder, forgery)] as const
    })
    const { answers } = readInPython(asked)
    const seen = { read: 0, refused: 0 }
    for (const [number, [folder, id]] of asked.entries()) {
      const ours = await inOurs(folder, id)
      seen['state' in ours ? 'read' : 'refused'] += 1
      expect(answers[number], JSON.stringify(made[number])).toEqual(ours)
    }
    // A generator that makes only sound backups, or only forged ones, would prove nothing.
    expect(seen.read).toBeGreaterThan(made.length / 10)
    expect(seen.refused).toBeGreaterThan(made.length / 10)
  })
})

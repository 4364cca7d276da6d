import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { byProfile, record } from '../record.ts'
import { byteMutation } from './byte-mutations.ts'
import { corpusOf, keep } from './corpus.ts'
import { jsonMutation } from './json-mutations.ts'
import { outcomeOf } from './outcome.ts'
import type { Reader, Seed } from './reader.ts'
import { readers } from './readers.ts'

/** How long each reader is tried in the long profile, in ms. */
const long = Number(process.env.TRUST_FUZZ_MINUTES ?? 1) * 60_000
/** Adds the first input of each new class to the corpus. */
const growing = process.env.TRUST_CORPUS === 'grow'

const counted = new Map<string, Map<string, number>>()

function count(reader: Reader, kind: string): void {
  const ends = counted.get(reader.name) ?? new Map<string, number>()
  counted.set(reader.name, ends.set(kind, (ends.get(kind) ?? 0) + 1))
}

describe.each(readers.map((reader) => [reader.name, reader] as const))('%s', (_, reader) => {
  const classes = new Set<string>()

  it('reads valid input', async () => {
    for (const seed of reader.seeds)
      expect((await outcomeOf(reader, seed.bytes, seed)).kind, seed.name).toBe(reader.promises)
  })

  it('has the recorded result for every input of the corpus', async () => {
    for (const { seed, bytes, kind, file } of corpusOf(reader)) {
      const outcome = await outcomeOf(reader, bytes, seed)
      if (kind !== 'found') expect(outcome.kind, file).toBe(kind)
      classes.add(outcome.class)
      count(reader, outcome.kind)
    }
  })

  it('reads random input correctly or refuses it', async () => {
    const limits = byProfile({
      short: { numRuns: reader.inputs, seed: 20_240_315 },
      long: { numRuns: 1e9, interruptAfterTimeLimit: long, markInterruptAsFailure: false },
    })
    const law = fc.asyncProperty(inputOf(reader), async ([seed, bytes]) => {
      const outcome = await outcomeOf(reader, bytes, seed).catch((error: unknown) => {
        keep(reader, seed, 'found', bytes)
        throw error
      })
      count(reader, outcome.kind)
      if (growing && !classes.has(outcome.class)) keep(reader, seed, outcome.kind, bytes)
      classes.add(outcome.class)
    })
    await fc.assert(law, limits)
  })
})

function inputOf(reader: Reader): fc.Arbitrary<readonly [Seed, Uint8Array]> {
  const seed = fc.constantFrom(...reader.seeds)
  const others = reader.seeds.map(({ bytes }) => bytes)
  const ways = reader.changed.map((way) =>
    way === 'bytes'
      ? byteMutation(others)
      : jsonMutation().map(
          (change) => (bytes: Uint8Array) => Buffer.from(change(JSON.parse(String(Buffer.from(bytes))))),
        ),
  )
  return fc.tuple(seed, fc.oneof(...ways)).map(([chosen, change]) => [chosen, change(chosen.bytes)])
}

afterAll(() => {
  for (const [what, ends] of counted) {
    const ended = Object.fromEntries([...ends].map(([kind, number]) => [wordsOf(kind), number]))
    const tried = [...ends.values()].reduce((sum, number) => sum + number, 0)
    record({ suite: 'fuzzing', what, tried, ended })
  }
})

function wordsOf(kind: string): string {
  if (kind === 'original') return 'read as they were'
  return kind === 'valid' ? 'read as something in order' : `refused as ${kind}`
}

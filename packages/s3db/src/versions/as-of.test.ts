import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keysAsOf } from './as-of.js'

const known = { expiredBefore: undefined, rules: undefined, unversioned: false }

const history = fc.array(fc.record({ isMarker: fc.boolean(), gap: fc.integer({ min: 0, max: 3 }) }), {
  minLength: 1,
  maxLength: 8,
})

it('for each key the newest entry up to the moment is used, however pages are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(history, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 7 }),
      async (histories, at, pageSize) => {
        const expected: Record<string, string> = {}
        const entries = histories.flatMap((steps, index) => {
          const key = `k${index}`
          let time = 0
          const written = steps.map(({ isMarker, gap }, number) => {
            time += gap
            return {
              key,
              versionId: `${number}`,
              isMarker,
              modified: time,
              bytes: 0,
              storageClass: 'STANDARD',
            }
          })
          const there = written.filter(({ modified }) => modified <= at).at(-1)
          if (there === undefined) expected[key] = written[0]?.isMarker === true ? 'lost' : 'absent'
          else expected[key] = there.isMarker ? 'absent' : there.versionId
          return written.reverse()
        })
        const pages = async function* () {
          for (let from = 0; from < entries.length; from += pageSize)
            yield { entries: entries.slice(from, from + pageSize), date: undefined }
        }
        const found: Record<string, string> = {}
        for await (const { keys } of keysAsOf(pages(), at, known))
          for (const one of keys)
            found[one.key] = 'version' in one ? one.version.versionId : 'lost' in one ? 'lost' : 'absent'
        expect(found).toEqual(expected)
      },
    ),
  )
})

const entry = fc.record({ isMarker: fc.boolean(), modified: fc.integer({ min: 0, max: 10 }) })

it('the order of the listing says which is the newest, even where clocks of several servers say otherwise', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 12 }),
      async (given, at) => {
        const entries = given.map(({ isMarker, modified }, number) => ({
          ...{ key: 'k', versionId: `${number}`, isMarker, modified, bytes: 0, storageClass: 'STANDARD' },
        }))
        const pages = async function* () {
          yield { entries, date: undefined }
        }
        const found: unknown[] = []
        for await (const { keys } of keysAsOf(pages(), at, known)) found.push(...keys)
        const there = entries.find(({ modified }) => modified <= at)
        if (there !== undefined)
          expect(found).toMatchObject([there.isMarker ? { absent: true } : { version: there }])
        // What the storage shows now is what it was at the latest of all times.
        if (at >= 10) expect(there).toBe(entries[0])
      },
    ),
  )
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { open } from './databases.js'
import { impossibleIn } from './fidelity/impossible.js'
import { behaviors, kinds } from './fidelity/kinds.js'
import { proveCells } from './fidelity/prove.js'

const { address } = await s3Server()
const security = { passphrase: 'the same on both sides, and long enough' }

/** One value for every kind; each run has others. */
const samples = fc.record(Object.fromEntries(kinds.map(({ name, values }) => [name, fc.tuple(values)])))

it.each(behaviors)(
  'from S3 to S3, every kind of attribute comes back exactly as it was with %s',
  async (behavior) => {
    await fc.assert(
      fc.asyncProperty(samples, async (values) => {
        // One write of s3db.json for all resources: otherwise each of them would wait for a lock on S3.
        const options = { ...onS3, security, deferMetadataWrites: true, metadataWriteDelay: 600_000 }
        const source = await open(address(`source/${behavior}`), options)
        const target = await open(address(`target/${behavior}`), { ...onS3, security })
        const cells = await proveCells(behavior, kinds, values, source, target)
        const wrong = cells.filter(({ kind, proved, refused, differing }) => {
          const known = impossibleIn(behavior, kind)
          if (known !== undefined) return refused?.includes(known.says) !== true
          return refused !== undefined || proved !== 1 || differing.length > 0
        })
        expect(wrong).toEqual([])
      }),
      { numRuns: 1, endOnFailure: true },
    )
  },
)

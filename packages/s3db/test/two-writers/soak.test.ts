import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../../tooling/s3/test-server.ts'
import { lengthOf } from '../../../../tooling/test/length.ts'
import { address } from '../databases.js'
import { type Figures, soak } from './soak.js'

// Runs as long as SOAK=30m says for each kind of storage, and a few seconds by default.

const given = process.env.SOAK
const length = given === undefined ? 10_000 : lengthOf(given)
const s3 = await s3Server()

/** A line a minute. */
function teller(where: string) {
  let told = Date.now()
  return (figures: Figures) => {
    s3.proxy.clear()
    if (Date.now() - told < 60_000) return
    told = Date.now()
    console.log(`${new Date().toISOString()} ${where}: ${JSON.stringify(figures)}`)
  }
}

const kinds = [
  {
    where: 'in files',
    soaked: {
      connectionString: () => address('file'),
      options: {},
      replacesOnly: false,
      sharedDeletes: false,
    },
  },
  {
    where: `on S3 (${s3.server})`,
    soaked: {
      connectionString: () => s3.address('soak'),
      options: onS3,
      replacesOnly: true,
      sharedDeletes: true,
    },
  },
]

it.each(kinds)(
  `backups of a database $where that two processes write to for ${length / 1000} s are right, each of them`,
  async ({ where, soaked: { connectionString, ...soaked } }) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    console.log(`${new Date().toISOString()} ${where}: seed ${seed}`)
    const all = { ...soaked, connectionString: connectionString(), length, still: 1000, seed }
    const figures = await soak(all, teller(where))
    console.log(`${new Date().toISOString()} ${where}, at the end: ${JSON.stringify(figures)}`)
    expect(figures.paused).toBeGreaterThan(0)
  },
  length + 600_000,
)

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { backup, type Driver, restore } from '../src/index.js'
import type { Source } from '../src/ports/source.js'
import { info } from './database.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const batchSize = 500

/** Records made as they are read, so that only what core holds can grow. */
function recordsOf(batches: number, each: () => void): Source {
  return {
    describe: async () => ({ database: {}, resources: [info('users')] }),
    async *read() {
      for (let batch = 0; batch < batches; batch++) {
        each()
        const rows = Array.from({ length: batchSize }, (_, i) => ({
          id: String(batch * batchSize + i).padStart(9, '0'),
          text: `${Math.random()}`.repeat(10),
        }))
        yield { rows }
      }
    },
  }
}

/** Keeps what is stored outside of what is measured: compressed, it is small. */
function sink(): Driver & { readonly held: () => number } {
  const objects = new Map<string, Buffer[]>()
  return {
    name: 'sink',
    held: () => [...objects.values()].flat().reduce((sum, { byteLength }) => sum + byteLength, 0),
    async put(key, body) {
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of body) {
        chunks.push(Buffer.from(chunk))
        bytes += chunk.byteLength
      }
      objects.set(key, chunks)
      return { bytes }
    },
    async *get(key) {
      yield* objects.get(key) ?? []
    },
    async *list(prefix) {
      for (const [key, chunks] of objects) {
        if (key.startsWith(prefix))
          yield { key, bytes: chunks.reduce((sum, { byteLength }) => sum + byteLength, 0) }
      }
    },
    async delete(key) {
      objects.delete(key)
    },
  }
}

/** The most heap that was in use, sampled after collecting garbage, in bytes. */
async function peaks(batches: number): Promise<{ backup: number; restore: number }> {
  let most = 0
  let turn = 0
  const sample = () => {
    if (turn++ % 20 !== 0) return
    collectGarbage()
    most = Math.max(most, process.memoryUsage().heapUsed)
  }
  const driver = sink()
  const { id } = await backup({ source: recordsOf(batches, sample), driver })
  const forBackup = most
  most = 0
  const nothing = { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }
  const write = async (_: string, batches: AsyncIterable<unknown>) => {
    for await (const __ of batches) sample()
    return nothing
  }
  await restore({ driver, id, target: { open: async () => undefined, write } })
  return { backup: forBackup, restore: most }
}

it('ten times the records take no more heap, to back up and to restore', async () => {
  await peaks(4)
  const few = await peaks(20)
  const many = await peaks(200)
  // 180 more batches are about 20 MB of records. A flat line may still vary a little.
  expect(many.backup - few.backup).toBeLessThan(5_000_000)
  expect(many.restore - few.restore).toBeLessThan(5_000_000)
})

import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../test/memory-driver.js'
import { reading, writing } from '../../test/parts.js'
import { toArray } from '../../test/streams.js'
import { blockBytes } from './measure.js'
import { partWriter } from './part-writer.js'
import { compareStored, readStored } from './stored-part.js'

/** A part of two whole blocks and some bytes, not compressed. */
async function stored() {
  const driver = memoryDriver()
  const writer = partWriter(writing(driver, { codecs: [] }), 'users', 'rows')
  for (let i = 0; i < 9; i++) await writer.write([JSON.stringify(String(i).repeat(1024 * 1024 - 2))])
  const [part] = await writer.close()
  const [key] = driver.objects.keys()
  if (part === undefined || key === undefined) throw new Error('nothing was stored')
  const bytes = Buffer.from(driver.objects.get(key) ?? [])
  return { part, bytes, context: (now: Buffer) => reading(memoryDriver({ objects: [[key, now]] }), []) }
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

const ways = {
  'compared after it was written': compareStored,
  'read later': async (...[context, part]: Parameters<typeof readStored>) => {
    await toArray(readStored(context, part))
  },
}

it('a part whose sha256 is not that of its blocks is corrupt', async () => {
  const { part, bytes, context } = await stored()
  const contradicting = { ...part, sha256: part.blocks[0]! }
  await expect(toArray(readStored(context(bytes), contradicting))).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('its sha256 is not that of its blocks'),
  })
})

describe.each(Object.entries(ways))('a part that is %s', (_name, look) => {
  it('is as it was written', async () => {
    const { part, bytes, context } = await stored()
    expect(part.blocks).toHaveLength(3)
    await expect(look(context(bytes), part)).resolves.toBeUndefined()
  })

  it.each([
    [0, 0],
    [1, blockBytes],
    [1, 2 * blockBytes - 1],
    [2, 2 * blockBytes],
  ])('is corrupt, and block %d is named, when byte %d differs', async (block, at) => {
    const { part, bytes, context } = await stored()
    const [from, to] = [block * blockBytes, Math.min((block + 1) * blockBytes, bytes.byteLength)]
    await expect(look(context(flipped(bytes, at)), part)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(`bytes ${from} to ${to - 1} differ`),
      metadata: { block, from, to },
    })
  })

  it.each([0, 1, blockBytes, 2 * blockBytes, 2 * blockBytes + 1])(
    'is corrupt when it ends after %d bytes',
    async (length) => {
      const { part, bytes, context } = await stored()
      await expect(look(context(bytes.subarray(0, length)), part)).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining(`it ends after ${length} of ${bytes.byteLength} bytes`),
      })
    },
  )

  it('is corrupt when it continues after its end', async () => {
    const { part, bytes, context } = await stored()
    await expect(look(context(Buffer.concat([bytes, Buffer.from('x')])), part)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(`it is longer than ${bytes.byteLength} bytes`),
    })
  })

  it('is corrupt when it is missing', async () => {
    const { part } = await stored()
    await expect(look(reading(memoryDriver(), []), part)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('it is missing'),
    })
  })
})

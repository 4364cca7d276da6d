import { describe, expect, it } from 'vitest'
import { info } from '../../test/database.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { backup, remove, type Source, verify } from '../index.js'
import { verifyAll } from './verify.js'

const source: Source = {
  describe: async () => ({ database: {}, resources: [info('users'), info('orders')] }),
  async *read() {
    yield { rows: [{ id: 'a' }] }
  },
}

/** Two backups. Something happens to the second one, just before its first part is read again. */
async function withTwo(meanwhile: (driver: ReturnType<typeof memoryDriver>, id: string) => Promise<unknown>) {
  let watched: string | undefined
  const driver = memoryDriver({
    async onStep({ operation, key }) {
      const id = watched
      if (id === undefined || operation !== 'get' || key !== `${id}/users.jsonl.gz`) return
      watched = undefined
      await meanwhile(driver, id)
    },
  })
  const [one, other] = [await backup({ source, driver }), await backup({ source, driver })]
  watched = other.id
  return { driver, kept: one.id, id: other.id }
}

describe('a backup that is removed while it is verified', () => {
  it('is reported as removed, and not as damaged', async () => {
    const { driver, id } = await withTwo((at, gone) => remove({ driver: at, id: gone }))
    await expect(verify({ driver, id })).rejects.toMatchObject({
      code: 'not_found',
      message: `Backup '${id}' was removed while it was verified`,
    })
  })

  it('says nothing about the others', async () => {
    const { driver, kept, id } = await withTwo((at, gone) => remove({ driver: at, id: gone }))
    expect(await verifyAll({ driver, ids: [id, kept] })).toMatchObject([
      { id, error: { code: 'not_found' } },
      { id: kept, report: { ok: true } },
    ])
  })

  it('is still sound if it can be brought back', async () => {
    const { driver, id } = await withTwo((at, gone) =>
      remove({ driver: at, id: gone, deletionGrace: 60_000 }),
    )
    expect(await verify({ driver, id })).toMatchObject({ ok: true })
  })
})

it('a backup that loses a part while it is verified is damaged', async () => {
  const { driver, id } = await withTwo(async (at, spoilt) => at.objects.delete(`${spoilt}/users.jsonl.gz`))
  expect(await verify({ driver, id })).toMatchObject({ ok: false, problems: [{ code: 'corrupt' }] })
})

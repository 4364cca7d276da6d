import { expect, it } from 'vitest'
import { address, plugin as newPlugin, open } from './plugins.js'

it.each([
  ['byCode', 'hush', 'code'],
  ['byCard', '4111', 'card.number'],
  ['byVersion', 'v1', '_v'],
])(
  'records cannot be chosen by a partition whose values no row shows (%s)',
  async (partition, value, field) => {
    const security = { passphrase: 'long enough to be a passphrase' }
    const database = await open(address('memory'), { security, versioningEnabled: true })
    const users = await database.createResource({
      name: 'users',
      attributes: { name: 'string', code: 'secret', card: { $$type: 'object', number: 'secret' } },
      partitions: { byCode: { fields: { code: 'string' } }, byCard: { fields: { 'card.number': 'string' } } },
    })
    await users.insert({ id: 'ada', name: 'Ada', code: 'hush', card: { number: '4111' } })
    const { plugin } = newPlugin()
    await database.usePlugin(plugin)
    const refusal = { code: 'invalid_options', message: expect.stringContaining(`"${field}"`) }
    const partitions = { [partition]: [value] }
    await expect(plugin.backup('selective', { resources: ['users'], partitions })).rejects.toMatchObject(
      refusal,
    )
    const { id } = await plugin.backup('full')
    await expect(plugin.restore(id, { partitions, target: 'memory://elsewhere/x' })).rejects.toMatchObject(
      refusal,
    )
  },
)

import { describe, expect, it } from 'vitest'
import { honestChain, objectsOf } from '../../test/forge.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { type BackupEvent, backup, records } from '../index.js'
import { verify } from './verify.js'

/** A backup of one record, with one more line in a kind of part of it. */
function backupOf(line: string, holds: 'rows' | 'raw' | 'index' | 'deleted' = 'rows') {
  const [backup] = honestChain([{ users: { a: { value: 1 } } }])
  backup!.resources.users![holds].push(line)
  return memoryDriver({ objects: objectsOf([backup!]) })
}

describe('verify', () => {
  it('accepts an intact backup, and skips unknown kinds of part', async () => {
    const [backup] = honestChain([{ users: { a: { value: 1, raw: 2 }, b: { value: 2 } } }])
    backup!.parts.push({ file: 'x', resource: 'users', holds: 'of the future', content: '?', codecs: ['y'] })
    const driver = memoryDriver({ objects: objectsOf([backup!]) })
    expect(await verify({ driver, id: 'b0' })).toMatchObject({ ok: true, problems: [] })
  })

  it.each(['{"name":"x"}', '{"id":7}', 'null', '7', '"id"'])(
    'finds %s among the records, which no restore would take',
    async (line) => {
      for (const holds of ['rows', 'raw', 'deleted'] as const) {
        const driver = backupOf(line, holds)
        const { ok, problems } = await verify({ driver, id: 'b0' })
        expect(ok).toBe(false)
        expect(problems).toContainEqual(
          expect.objectContaining({
            code: 'corrupt',
            operation: 'verify',
            metadata: expect.objectContaining({ holds }),
          }),
        )
      }
    },
  )

  it('reads a sample of the parts, and with all samples every part once', async () => {
    const source = records(
      Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { records: [{ id: 'x' }] }])),
    )
    const driver = memoryDriver()
    const { id, manifest } = await backup({ source, driver })
    const read: string[] = []
    for (const subset of ['1/3', '2/3', '3/3']) {
      const onEvent = (event: BackupEvent) => event.type === 'verify-progress' && read.push(event.file)
      expect(await verify({ driver, id, subset, onEvent })).toMatchObject({ ok: true })
    }
    expect(read.sort()).toEqual(manifest.parts.map(({ file }) => file).sort())
    for (const subset of ['0/3', '4/3', '1/0', '1', 'x/y'])
      await expect(verify({ driver, id, subset })).rejects.toMatchObject({ code: 'invalid_options' })
  })

  it.each([
    ['a level that does not exist', { level: 'fulll' }],
    ['an unknown option', { deep: true }],
    ['no id', { id: undefined }],
    ['no driver', { driver: undefined }],
  ])('refuses %s: a weaker check than requested would be misleading', async (_, options) => {
    const asked = { driver: backupOf('{"id":"b"}'), id: 'b0', ...options } as Parameters<typeof verify>[0]
    await expect(verify(asked)).rejects.toMatchObject({ code: 'invalid_options', operation: 'verify' })
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aManifest, aPart, aResource, stored } from '../../test/manifests.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { type BackupEvent, backup, records } from '../index.js'
import { verify } from './verify.js'

/** A backup with one part, described rightly but for what it says. */
function backupOf(content: string, holds = 'rows') {
  const bytes = Buffer.from(content)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const size = bytes.byteLength
  const part = aPart('users.jsonl', {
    holds,
    bytes: size,
    contentBytes: size,
    longestLine: size,
    sha256,
    blocks: [sha256],
    codecs: [],
  })
  const manifest = aManifest({ id: 'a', resources: { users: aResource('users') }, parts: [part] })
  return memoryDriver({ objects: [stored('a', manifest), ['a/users.jsonl', bytes]] })
}

describe('verify', () => {
  it('finds nothing wrong with what is right', async () => {
    expect(await verify({ driver: backupOf('{"id":"a"}\n'), id: 'a' })).toMatchObject({
      ok: true,
      problems: [],
    })
    expect(await verify({ driver: backupOf('["a",0,"x"]\n', 'index'), id: 'a' })).toMatchObject({ ok: true })
    expect(await verify({ driver: backupOf('"anything"\n', 'of the future'), id: 'a' })).toMatchObject({
      ok: true,
    })
  })

  it.each(['{"name":"x"}', '{"id":7}', 'null', '7', '"id"'])(
    'finds %s among the records, which no restore would take',
    async (line) => {
      for (const holds of ['rows', 'raw', 'deleted']) {
        const report = await verify({ driver: backupOf(`${line}\n`, holds), id: 'a' })
        expect(report).toMatchObject({
          ok: false,
          problems: [{ code: 'corrupt', operation: 'verify', metadata: { file: 'users.jsonl' } }],
        })
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
  ])('refuses %s: a weaker check than was asked for would be a lie', async (_, options) => {
    const asked = { driver: backupOf('{"id":"a"}\n'), id: 'a', ...options } as Parameters<typeof verify>[0]
    await expect(verify(asked)).rejects.toMatchObject({ code: 'invalid_options', operation: 'verify' })
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, expect, it } from 'vitest'
import { idsFrom } from './ids-from.js'

const folder = mkdtempSync(join(tmpdir(), 's3db-backup-ids-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('ids come one per line, plain or as JSON, from a file or from stdin', async () => {
  const file = join(folder, 'ids.txt')
  writeFileSync(
    file,
    'u1\n\nwith space\r\n"\\"quoted\\""\n{"resource":"users","id":"u2","change":"changed"}\nu3',
  )
  const ids = ['u1', 'with space', '"quoted"', 'u2', 'u3']
  expect(await idsFrom(file, Readable.from([]))).toEqual(ids)
  expect(await idsFrom('-', Readable.from(['a\nb\n']))).toEqual(['a', 'b'])
})

it('input without ids is refused, with the line', async () => {
  await expect(idsFrom('-', Readable.from(['a\n{"resource":1}\n']))).rejects.toMatchObject({
    code: 'invalid_options',
    message: expect.stringContaining('line 2 of stdin'),
  })
  await expect(idsFrom('-', Readable.from(['\n']))).rejects.toMatchObject({ code: 'invalid_options' })
  await expect(idsFrom(join(folder, 'none'), Readable.from([]))).rejects.toMatchObject({ code: 'not_found' })
})

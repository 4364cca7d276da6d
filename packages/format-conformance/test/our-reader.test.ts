import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCatalog, verify } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { encryption } from '@s3db-backup/encryption'
import { describe, expect, it } from 'vitest'
import { filesBelow } from '../../../tooling/test/frozen-files.ts'
import { cases } from './cases.ts'
import { fixtures, indexText } from './fixtures.ts'
import { restored } from './restored.ts'

const root = join(import.meta.dirname, '../../..')
const { key } = JSON.parse(readFileSync(join(root, 'packages/encryption/fixtures/4/secrets.json'), 'utf8'))
const opened = { encryption: encryption({ algorithm: 'AES-256-GCM', key }) }

describe('our reader', () => {
  it.each(cases.map((one) => [one.title, one] as const))(
    '%s',
    async (_title, { name, id, needs, expect: expected, list }) => {
      const driver = filesystem({ path: join(fixtures, name) })
      const options = { driver, id, ...(needs?.includes('aws-esdk/1') ? opened : {}) }
      const report = await verify(options).catch((error: { code: string }) => ({
        ok: false,
        problems: [error],
      }))
      if ('state' in expected) {
        expect(report.problems).toEqual([])
        const state = await restored(options)
        expect(state).toEqual(expected.state)
        // Fields keep their order, even one called __proto__.
        expect(JSON.stringify(state)).toBe(JSON.stringify(expected.state))
      } else {
        await expect(restored(options)).rejects.toMatchObject({ name: 'BackupError', code: expected.refused })
        expect(report.ok).toBe(false)
        expect(report.problems.map(({ code }) => code)).toContain(expected.refused)
      }
      if (list === undefined) return
      const { backups, damaged } = await openCatalog(driver).list()
      expect({ backups: backups.map((one) => one.id), damaged: damaged.map((one) => one.id) }).toEqual(list)
    },
  )

  it('needs the key for what is encrypted', async () => {
    const driver = filesystem({ path: join(fixtures, 'frozen-encrypted') })
    const id = 'full-2024-03-15T14-30-45-abc123'
    await expect(restored({ driver, id })).rejects.toMatchObject({ code: 'undecryptable' })
  })
})

describe('the fixtures', () => {
  it('have a folder for each case, and no two cases one name', () => {
    const names = cases.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const folders = new Set(
      [...filesBelow(fixtures).keys()].flatMap((path) => (path.includes('/') ? [path.split('/')[0]] : [])),
    )
    expect([...folders].sort()).toEqual(names.sort())
  })

  it.each(cases.map((one) => [one.name, one] as const))(
    'of %s are those that its case describes',
    (name, { files }) => {
      expect(filesBelow(join(fixtures, name))).toEqual(
        new Map([...files()].sort(([a], [b]) => (a < b ? -1 : 1))),
      )
    },
  )

  it('are listed in index.json', () => {
    expect(readFileSync(join(fixtures, 'index.json'), 'utf8')).toBe(indexText(cases))
  })
})

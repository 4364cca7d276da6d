import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { testDriver } from '@s3db-backup/driver-testkit'
import { afterAll, describe, expect, it, test } from 'vitest'
import { scaffold, spellings } from '../src/scaffold.mjs'
import { example } from '../template/src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 's3db-backup-new-driver-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const root = join(import.meta.dirname, '../../..')
const signal = new AbortController().signal

describe('the driver of the template', () => {
  testDriver({ test, patience: 300_000, factory: () => example({ path: join(folder, 'contract.sqlite') }) })

  it('refuses an invalid path, names what it cannot open, and never overwrites an object', async () => {
    expect(() => example({ path: '' })).toThrow(expect.objectContaining({ code: 'invalid_options' }))
    const nowhere = example({ path: join(folder, 'no/such/folder/file') })
    await expect(nowhere.delete('key', { signal })).rejects.toMatchObject({ code: 'permission_denied' })
    const driver = example({ path: join(folder, 'once.sqlite') })
    await driver.put('key', bytes('first'), { kind: 'part', signal })
    await expect(driver.put('key', bytes('second'), { kind: 'part', signal })).rejects.toMatchObject({
      code: 'conflict',
    })
    await driver.close?.()
    const again = example({ path: join(folder, 'once.sqlite') })
    const chunks: Uint8Array[] = []
    for await (const chunk of again.get('key', { kind: 'part', signal })) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('first')
    await again.close?.()
  })
})

describe('npm create @s3db-backup/driver', () => {
  it('spells a name in every required form', () => {
    const webDav = {
      short: 'web-dav',
      camel: 'webDav',
      pascal: 'WebDav',
      folder: 's3db-backup-driver-web-dav',
    }
    expect(spellings('web-dav')).toEqual({ ...webDav, package: 's3db-backup-driver-web-dav' })
    expect(spellings('@acme/s3db-backup-driver-web-dav')).toEqual({
      ...webDav,
      package: '@acme/s3db-backup-driver-web-dav',
    })
    for (const wrong of ['Ftp', 'a--b', '../x', '', 's3']) expect(() => spellings(wrong)).toThrow()
  })

  it('leaves no trace of the template’s name, and requires the current versions', () => {
    const directory = join(folder, 'made')
    scaffold(spellings('@acme/web-dav'), directory, { '@s3db-backup/core': '^1.2.3' })
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    )
    expect(files.map(({ name }) => name).sort()).toEqual(
      ['.gitignore', 'LICENSE', 'README.md', 'config.json', 'first-version.md', 'index.ts'].concat([
        'package.json',
        'tsconfig.json',
        'web-dav.test.js',
      ]),
    )
    for (const { parentPath, name } of files)
      expect(readFileSync(join(parentPath, name), 'utf8')).not.toMatch(/example/i)
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      name: '@acme/s3db-backup-driver-web-dav',
      dependencies: { '@s3db-backup/core': '^1.2.3' },
    })
    expect(() => scaffold(spellings('web-dav'), directory)).toThrow('is not empty')
  })

  it('creates the directory where the command was typed, and prints the next steps', async () => {
    const script = join(import.meta.dirname, '../src/bin.mjs')
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [script, ...args], { env: { INIT_CWD: folder } })
    const { stdout } = await run('ftp')
    expect(stdout).toContain(`cd ${join(folder, 's3db-backup-driver-ftp')}`)
    const { version } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8'))
    const manifest = readFileSync(join(folder, 's3db-backup-driver-ftp/package.json'), 'utf8')
    expect(JSON.parse(manifest).dependencies).toEqual({ '@s3db-backup/core': `^${version}` })
    await expect(run('s3')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('already') })
    await expect(run()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('Give a name.') })
  })
})

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

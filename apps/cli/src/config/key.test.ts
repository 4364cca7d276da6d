import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { readKey } from './key.js'

async function file(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 's3db-backup-key-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'key')
  await writeFile(path, content)
  return path
}

test('a key comes from a file, a command or the environment, in this order, without its line end', async () => {
  const path = await file('from file \r\n')
  const command = `node -p "'from command'"`
  expect(await readKey({ file: path, command, environment: 'from environment' })).toBe('from file ')
  expect(await readKey({ command, environment: 'from environment' })).toBe('from command')
  expect(await readKey({ environment: 'from environment' })).toBe('from environment')
  expect(await readKey({ environment: '' })).toBeUndefined()
})

test('an empty key source is an error, not a backup without encryption', async () => {
  await expect(readKey({ file: await file('\n') })).rejects.toThrow('No key in the key file')
  await expect(readKey({ file: '/nowhere/key' })).rejects.toThrow(
    'Cannot read the key file /nowhere/key (no such file)',
  )
  await expect(readKey({ command: 'node -e 0' })).rejects.toThrow('No key from the command')
})

test('a key file that is there and cannot be read is not answered with the advice to make a new key', async () => {
  const folder = join(await file('key'), '..')
  await expect(readKey({ file: folder })).rejects.toMatchObject({
    message: `Cannot read the key file ${folder} (it is a folder)`,
    suggestion: expect.stringContaining('let the user that runs this command read it'),
  })
})

test('no error has the output of a failing command', async () => {
  const command = `node -e "console.log('printed'+6*7); console.error('printed'+6*7); process.exit(3)"`
  const error = await readKey({ command }).catch((reason: unknown) => reason)
  expect(String(error)).toContain('exit code 3')
  expect(inspect(error, { depth: 10 })).not.toContain('printed42')
})

import { EventEmitter } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { type Host, run } from '../run.js'

/** Runs `--help` where stdout fails like this, and gives the exit code and what stderr has. */
async function printingInto(code: string, args = ['--help']) {
  let stderr = ''
  const host = {
    stdin: Readable.from([]),
    stdout: new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: write`), { code })),
    }),
    stderr: new Writable({
      write(chunk, _encoding, done) {
        stderr += chunk
        done()
      },
    }),
    env: {},
    exit(exitCode: number): never {
      throw new Error(`ended with ${exitCode}`)
    },
  }
  const exitCode = await run(args, Object.assign(new EventEmitter(), host) as unknown as Host)
  return { exitCode, stderr }
}

test('a full disk behind stdout is reported with an exit code', async () => {
  for (const args of [['--help'], ['keygen']]) {
    const { exitCode, stderr } = await printingInto('ENOSPC', args)
    expect(exitCode).toBe(6)
    expect(stderr).toContain('✗ Cannot write the output: no space left at the destination of stdout')
    expect(stderr).not.toContain('    at ')
  }
})

test('output that is lost is not reported as a backup that failed', async () => {
  const { stderr } = await printingInto('ENOSPC', ['keygen', '--json'])
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: 'no_space', operation: 'output', description: 'Failed to write the output' },
  })
})

test('a closed terminal is reported, too', async () => {
  const { exitCode, stderr } = await printingInto('EIO')
  expect(exitCode).toBe(5)
  expect(stderr).toContain('Cannot write the output to stdout (EIO)')
})

test('a closed pipe is not a failure and is not reported', async () => {
  expect(await printingInto('EPIPE')).toEqual({ exitCode: 0, stderr: '' })
})

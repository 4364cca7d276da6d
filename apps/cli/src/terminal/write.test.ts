import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { openTerminal } from './terminal.js'

function streams(isTTY: boolean) {
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 80 })
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const stdin = new PassThrough()
  const written: Buffer[] = []
  stdout.on('data', (chunk: Buffer) => written.push(chunk))
  const given = { stdin, stdout, stderr, env: {} } as unknown as Parameters<typeof openTerminal>[0]
  return { terminal: openTerminal(given, []), text: () => Buffer.concat(written).toString('utf8') }
}

const hostile = Buffer.from('{"name":"\u009b2J \u202e é"}\n')

it('records go into a file or a pipe byte for byte', async () => {
  const { terminal, text } = streams(false)
  await terminal.write(hostile)
  expect(text()).toBe(hostile.toString())
})

it('on a terminal a record’s content never acts as a control sequence, wherever it is cut', async () => {
  for (let cut = 0; cut <= hostile.byteLength; cut++) {
    const { terminal, text } = streams(true)
    await terminal.write(hostile.subarray(0, cut))
    await terminal.write(hostile.subarray(cut))
    expect(text()).toBe('{"name":"\\x9b2J \\u202e é"}\n')
  }
})

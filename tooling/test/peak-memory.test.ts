import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { withBallast } from './with-ballast.ts'

const measure = pathToFileURL(join(import.meta.dirname, 'peak-memory.ts')).href
const tell = `console.log((await import(${JSON.stringify(measure)})).peakMiB())`

async function peakOf(script: string, env: NodeJS.ProcessEnv): Promise<number> {
  const args = ['--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return Number(stdout)
}

describe('the peak memory of a process', () => {
  it('has what the process holds', async () => {
    const bare = await peakOf(tell, process.env)
    const more = await peakOf(tell, withBallast(200))
    expect(more - bare).toBeGreaterThan(180)
    expect(more - bare).toBeLessThan(230)
  })

  it('has what the process held for a while', async () => {
    const held = `{ let held = Buffer.alloc(200 * 2 ** 20, 1); held = undefined }`
    expect(await peakOf(`${held}; ${tell}`, process.env)).toBeGreaterThan(200)
  })

  it('has nothing of the process that started it', async () => {
    const bare = await peakOf(tell, process.env)
    const { BALLAST: _, NODE_OPTIONS: __, ...env } = process.env
    const child = `
      import { execFileSync } from 'node:child_process'
      const args = ['--input-type=module', '--eval', ${JSON.stringify(tell)}]
      const env = ${JSON.stringify(env)}
      console.log(execFileSync(process.execPath, args, { encoding: 'utf8', env }))`
    expect((await peakOf(child, withBallast(300))) - bare).toBeLessThan(30)
  })
})

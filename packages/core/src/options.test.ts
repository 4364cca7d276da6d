import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { parseOptions } from './options.js'

const schema = z.strictObject({
  path: z.string(),
  retries: z.number().int().min(0).default(3),
  s3: z.strictObject({ bucket: z.string(), secretAccessKey: z.string().optional() }).optional(),
  drivers: z.array(z.strictObject({ compression: z.enum(['gzip', 'none']) })).default([]),
})
const parse = (input: unknown) => parseOptions(schema, input, { what: 'driver options', driver: 'test' })

const problemsOf = (input: unknown): unknown => {
  try {
    return parse(input)
  } catch (error) {
    return (error as { metadata: { problems: string[] } }).metadata.problems
  }
}

describe('parseOptions', () => {
  it('gives the options with their defaults', () => {
    expect(parse({ path: 'x' })).toEqual({ path: 'x', retries: 3, drivers: [] })
  })

  it('names every problem at once', () => {
    const input = { pth: 'x', retries: -1, s3: { buckett: 'b' }, drivers: [{ compressoin: 'gzip' }] }
    const problems = (problemsOf(input) as string[]).join('\n')
    expect(problems).toContain('path:')
    expect(problems).toContain('retries:')
    expect(problems).toContain('unknown option pth (did you mean "path"?)')
    expect(problems).toContain('unknown option s3.buckett (did you mean "bucket"?)')
    expect(problems).toContain('unknown option drivers.0.compressoin (did you mean "compression"?)')
  })

  it('names the option and its place', () => {
    expect(() => parse({ path: 7 })).toThrow(
      expect.objectContaining({
        code: 'invalid_options',
        operation: 'validateConfig',
        driver: 'test',
        message: expect.stringMatching(/^Invalid driver options: path: /),
      }),
    )
  })

  it('never shows a value: it may be a secret', () => {
    const secret = 'hunter2-hunter2'
    for (const input of [
      secret,
      { path: [secret] },
      { path: 'x', s3: { bucket: { secret }, secretAccessKey: 7 } },
      { path: 'x', drivers: [{ compression: secret }] },
    ]) {
      const failure = (() => {
        try {
          return parse(input)
        } catch (error) {
          return error
        }
      })()
      expect(failure).toMatchObject({ code: 'invalid_options' })
      expect(JSON.stringify(failure)).not.toContain('hunter2')
      expect(String((failure as Error).cause)).not.toContain('hunter2')
    }
  })

  it('refuses too deeply nested values with a clear message', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    expect(() => parseOptions(z.record(z.string(), z.json()), { deep }, { what: 'options' })).toThrow(
      expect.objectContaining({ code: 'invalid_options', message: expect.stringContaining('too deeply') }),
    )
  })

  it.each([null, undefined, 7, [], 'x'])('refuses %j instead of options', (input) => {
    expect(() => parse(input)).toThrow(expect.objectContaining({ code: 'invalid_options' }))
  })

  it('knows the options of every branch of a union', () => {
    const either = z.union([z.strictObject({ a: z.string() }), z.strictObject({ longname: z.string() })])
    const parseEither = () => parseOptions(either, { longnmae: 'x' }, { what: 'it' })
    expect(parseEither).toThrow('unknown option longnmae (did you mean "longname"?)')
  })
})

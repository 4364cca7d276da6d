import { BackupError, type Driver, isBackupError } from '@s3db-backup/core'
import { failing, faulty, memory, patternAt } from '@s3db-backup/driver-testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { down, refusing, stalled } from '../../test/doubles.js'
import { begin, body, call, keysOf, partsOf, rejection } from '../../test/scene.js'
import { multi } from '../multi.js'

describe('an object goes to every destination', () => {
  test('and the report says what each one has', async () => {
    const [a, b] = [memory(), memory()]
    const driver = multi({ drivers: [a, { name: 'offsite', driver: b }] })
    await begin(driver, 'x')

    await expect(driver.put('x/a', body(25), call)).resolves.toEqual({ bytes: 25 })
    await driver.put('x/b', body(5), call)

    expect(Buffer.from(b.objects.get('x/a')!)).toEqual(patternAt(0, 25))
    expect(a.objects).toEqual(b.objects)
    expect(driver.destinations('x')).toEqual([
      { name: 'memory', driver: 'memory', status: 'success', bytes: 40, files: 3 },
      { name: 'offsite', driver: 'memory', status: 'success', bytes: 40, files: 3 },
    ])
    expect(driver.destinations('never heard of')).toEqual([])
  })

  test('even if one of them refuses before it reads a byte and the others count', async () => {
    const [a, c] = [memory(), memory()]
    const driver = multi({ strategy: 'any', drivers: [a, refusing(memory()), c] })
    await begin(driver, 'x')

    await driver.put('x/a', body(1000), call)

    expect([a, c].map(partsOf)).toEqual([['x/a'], ['x/a']])
    expect(driver.destinations('x').map(({ status }) => status)).toEqual(['success', 'failed', 'success'])
  })

  test('with "any" the remaining ones have the exact bytes, whatever the chunks are and whichever step fails', async () => {
    const size = fc.integer({ min: 0, max: 400 })
    const steps = fc.array(fc.option(fc.integer({ min: 1, max: 15 }), { nil: undefined }), {
      minLength: 2,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(size, fc.integer({ min: 1, max: 97 }), steps, async (bytes, chunk, failAt) => {
        const inner = failAt.map(() => memory())
        const drivers = inner.map((one, index) => {
          const step = failAt[index]
          return faulty(one, step === undefined ? {} : { failAt: step })
        })
        const driver = multi({ strategy: 'any', drivers })
        const outcome = await begin(driver, 'x')
          .then(() => driver.put('x/a', body(bytes, chunk), call))
          .catch((error: unknown) => error)

        const reports = driver.destinations('x')
        if (reports.length === 0) {
          expect(isBackupError(outcome)).toBe(true)
          expect(inner.flatMap(keysOf)).toEqual([])
          return
        }
        for (const [index, { objects }] of inner.entries()) {
          const whole = reports[index]!.status === 'success'
          expect(objects.has('x/a')).toBe(whole)
          if (whole) expect(Buffer.from(objects.get('x/a')!)).toEqual(patternAt(0, bytes))
        }
        expect(isBackupError(outcome)).toBe(reports.every(({ status }) => status === 'failed'))
      }),
    )
  })
})

describe('what fails', () => {
  test('"all": one failure fails the call, removes the backup elsewhere and names each cause', async () => {
    const [a, c] = [memory(), memory()]
    const b = faulty(memory({ name: 'shaky' }), {
      failAt: 9,
      error: new BackupError('no_space', 'the disk is full'),
    })
    const driver = multi({ drivers: [a, b, c] })
    await begin(driver, 'x')
    await driver.put('x/one', body(10), call)

    const error = await rejection(driver.put('x/two', body(100), call))

    expect(error).toMatchObject({
      name: 'BackupError',
      code: 'no_space',
      operation: 'backup',
      driver: 'multi',
      description: 'Multi-destination backup failed',
      statusCode: 502,
      retriable: true,
      suggestion:
        'Inspect individual driver errors in error.metadata.destinations and fix the failing target.',
      metadata: {
        destinations: [
          { name: 'memory', status: 'stopped', files: 0 },
          { name: 'shaky', status: 'failed', error: { code: 'no_space' }, files: 0 },
          { name: 'memory-2', status: 'stopped', files: 0 },
        ],
      },
    })
    expect([a, c].flatMap(keysOf)).toEqual([])
    await expect(driver.put('x/three', body(1), call)).rejects.toMatchObject({
      code: 'no_space',
    })
    await begin(driver, 'y')
    await expect(driver.put('y/one', body(1), call)).resolves.toEqual({ bytes: 1 })
  })

  test('"any": a replica that failed gets no later object of that backup, and does get the next backup', async () => {
    const [a, inner] = [memory(), memory()]
    const driver = multi({ strategy: 'any', drivers: [a, faulty(inner, { failAt: 8 })] })

    await begin(driver, 'x')
    for (const name of ['one', 'two']) await driver.put(`x/${name}`, body(10), call)
    await driver.put('x/s3db.json', body(10), { ...call, kind: 'manifest' })
    await begin(driver, 'y')
    await driver.put('y/one', body(10), call)

    expect(keysOf(inner)).toEqual(['y/one', 'y/started.json'])
    expect(partsOf(a)).toEqual(['x/one', 'x/s3db.json', 'x/two', 'y/one'])
  })

  test('different causes make the call unavailable', async () => {
    const driver = multi({
      strategy: 'any',
      drivers: [down('permission_denied', 'a'), down('no_space', 'b')],
    })
    const error = await rejection(driver.put('x/a', body(10), call))
    expect(error).toMatchObject({ code: 'unavailable', statusCode: 502, retriable: true })
  })

  test('leftovers are reported', async () => {
    const inner = memory()
    const driver = multi({
      strategy: 'any',
      drivers: [memory(), faulty(inner, { failAt: 7, forGood: true })],
    })
    await begin(driver, 'x')
    await driver.put('x/one', body(10), call)
    await driver.put('x/two', body(10), call)
    expect(driver.destinations('x')[1]).toMatchObject({
      status: 'failed',
      leftovers: ['x/two', 'x/started.json', 'x/one'],
    })
  })

  test.each(['all', 'any'] as const)(
    '"%s": a failure of the body is not a failure of a destination',
    async (strategy) => {
      const drivers = [memory(), memory()]
      const driver = multi({ strategy, drivers })
      const lost = new Error('the database is gone')

      expect(await rejection(driver.put('x/a', failing(lost), call))).toBe(lost)
      await driver.put('x/b', body(10), call)

      expect(drivers.map(keysOf)).toEqual([['x/b'], ['x/b']])
    },
  )

  test.each(['all', 'any'] as const)(
    '"%s": an existing object stays, and so does everything else',
    async (strategy) => {
      const drivers = [memory(), memory()]
      const driver = multi({ strategy, drivers })
      await driver.put('x/a', body(10), call)
      await driver.put('x/b', body(10), call)

      await expect(driver.put('x/a', body(20), call)).rejects.toMatchObject({
        code: 'conflict',
      })

      expect(drivers.map(keysOf)).toEqual([
        ['x/a', 'x/b'],
        ['x/a', 'x/b'],
      ])
      expect(drivers[1]!.objects.get('x/a')).toHaveLength(10)
    },
  )

  test('"all": an object that one destination has already ends the upload at one that hangs', async () => {
    const [a, b] = [memory(), memory()]
    await b.put('x/a', body(10), call)
    const driver = multi({ drivers: [stalled(a, 3), b] })
    await expect(driver.put('x/a', body(20), call)).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(b.objects.get('x/a')).toHaveLength(10)
  })

  test('"any": a destination with another object under a key does not get the manifest, and keeps its object', async () => {
    const [a, b] = [memory(), memory()]
    await b.put('x/b', body(3), call)
    const driver = multi({ strategy: 'any', drivers: [a, b] })
    await begin(driver, 'x')
    for (const name of ['a', 'b']) await driver.put(`x/${name}`, body(10), call)
    await driver.put('x/s3db.json', body(10), { ...call, kind: 'manifest' })
    expect(partsOf(a)).toEqual(['x/a', 'x/b', 'x/s3db.json'])
    expect(keysOf(b)).toEqual(['x/b'])
    expect(b.objects.get('x/b')).toHaveLength(3)
  })

  test('a storage that reports success before the end is not trusted', async () => {
    const inner = memory({ name: 'hasty' })
    const put: Driver['put'] = async (key, given, { signal }) =>
      key === 'x/a' ? { bytes: 0 } : inner.put(key, given, { kind: 'part', signal })
    const hasty: Driver = { ...inner, put }
    const driver = multi({ strategy: 'any', drivers: [memory(), hasty] })
    await begin(driver, 'x')
    await driver.put('x/a', body(10), call)
    expect(driver.destinations('x')[1]).toMatchObject({ status: 'failed', error: { code: 'internal' } })
  })
})

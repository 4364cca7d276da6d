import { BackupError, type Driver } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { checkDriver } from './check-driver.js'
import { contractCases } from './contract.js'
import { memory } from './doubles/memory.js'

const small = { hugeBytes: 1_000_000, manyObjects: 20 }
const few = ['put-round-trip', 'get-missing', 'get-offset', 'list-each-once', 'delete-removes']

test('a correct driver passes every case, and its storage is unchanged', async () => {
  const driver = memory()
  await driver.put('precious', bytes('mine'), { kind: 'part', signal: new AbortController().signal })
  const report = await checkDriver(driver, small)
  expect(report.cases.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(report).toMatchObject({
    driver: 'memory',
    passed: contractCases.length,
    failed: 0,
    skipped: 0,
    leftovers: [],
  })
  expect([...driver.objects.keys()]).toEqual(['precious'])
})

test('everything happens below the given prefix', async () => {
  const driver = memory()
  const touched = new Set<string>()
  const put: Driver['put'] = (key, ...rest) => {
    touched.add(key)
    return driver.put(key, ...rest)
  }
  await checkDriver({ ...driver, put }, { ...small, only: few, prefix: 'here/and-here' })
  expect(touched.size).toBeGreaterThan(0)
  expect([...touched].filter((key) => !key.startsWith('here/and-here/'))).toEqual([])
})

test('a capability that is not declared is skipped, with the reason', async () => {
  const { cases, skipped } = await checkDriver(memory({ range: false }), { ...small, only: few })
  expect(skipped).toBe(1)
  expect(cases.find(({ status }) => status === 'skipped')).toMatchObject({
    id: 'get-offset',
    reason: 'memory does not declare the capability "range"',
  })
})

test('a wrong driver fails the cases that it breaks; the others go on, and each is reported at once', async () => {
  const driver = memory()
  const wrong: Driver = { ...driver, get: () => bytes('always the same') }
  const told: string[] = []
  const onCase = ({ id, status }: { id: string; status: string }) => told.push(`${id} ${status}`)
  const { failed, passed, leftovers } = await checkDriver(wrong, { ...small, only: few, onCase })
  expect(told).toEqual([
    'put-round-trip failed',
    'get-missing failed',
    'get-offset failed',
    'list-each-once passed',
    'delete-removes failed',
  ])
  expect({ failed, passed, leftovers }).toEqual({ failed: 4, passed: 1, leftovers: [] })
  expect(driver.objects.size).toBe(0)
})

test('leftovers are named', async () => {
  const driver = memory()
  const refusing: Driver = {
    ...driver,
    delete: () => Promise.reject(new BackupError('permission_denied', 'no deletes here')),
  }
  const { leftovers } = await checkDriver(refusing, { ...small, only: ['put-round-trip'], prefix: 'p' })
  expect(leftovers).toEqual(['p/put-round-trip/object'])
})

test('objects that a delete only claims to have removed are named', async () => {
  const lazy: Driver = { ...memory(), delete: async () => undefined }
  const { leftovers } = await checkDriver(lazy, { ...small, only: ['put-round-trip'], prefix: 'p' })
  expect(leftovers).toEqual(['p/put-round-trip/object'])
})

test('leftovers of a failing case are named too', async () => {
  const driver = memory()
  const refusing: Driver = {
    ...driver,
    get: () => bytes('wrong'),
    delete: () => Promise.reject(new BackupError('permission_denied', 'no deletes here')),
  }
  const { leftovers } = await checkDriver(refusing, { ...small, only: ['put-round-trip'], prefix: 'p' })
  expect(leftovers).toEqual(['p/put-round-trip/object'])
})

test('a driver that hangs fails the case and not the check', async () => {
  const hanging: Driver = { ...memory(), put: () => new Promise(() => undefined) }
  const { cases } = await checkDriver(hanging, { ...small, only: ['put-round-trip'], caseTimeout: 50 })
  expect(cases[0]).toMatchObject({ status: 'failed', reason: 'The case took longer than 50 ms' })
})

test('an abort ends the check with its reason and leaves nothing', async () => {
  const driver = memory()
  const controller = new AbortController()
  const reason = new Error('enough')
  const onCase = () => controller.abort(reason)
  await expect(checkDriver(driver, { ...small, signal: controller.signal, onCase })).rejects.toBe(reason)
  expect(driver.objects.size).toBe(0)
})

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

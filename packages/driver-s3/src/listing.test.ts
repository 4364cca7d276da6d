import { afterAll, expect, test } from 'vitest'
import { testBucket } from '../test/bucket.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
afterAll(() => bucket.remove())

const call = { signal: new AbortController().signal }

test('a listing has a stamp, which changes when the object changes', async () => {
  const driver = s3(bucket.options)
  const put = async (text: string) => {
    async function* body() {
      yield Buffer.from(text)
    }
    await driver.put('a', body(), { ...call, kind: 'part' })
  }
  const stamp = async () => {
    for await (const info of driver.list('a', call)) return info.stamp
    return undefined
  }
  await put('1')
  const before = await stamp()
  expect(before).toMatch(/^".+" \d{4}-\d{2}-\d{2}T/)
  expect(await stamp()).toBe(before)
  await driver.delete('a', call)
  await put('2')
  expect(await stamp()).not.toBe(before)
})

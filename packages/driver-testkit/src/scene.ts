import assert from 'node:assert/strict'
import { type GetCall, isBackupError, type ObjectInfo } from '@s3db-backup/core'
import { patternAt, patterned } from './bodies.js'
import type { CaseContext } from './contract-case.js'

/** Stores the pattern under a name in the case's corner; resolves with the key. */
export async function store(context: CaseContext, name: string, size = 1000, seed = 1): Promise<string> {
  const key = context.prefix + name
  await context.driver.put(key, patterned(size, { seed }), { kind: 'part', signal: context.signal })
  return key
}

/** Reads an object, or a piece of it, to its end. */
export async function read(
  context: CaseContext,
  key: string,
  piece: Pick<GetCall, 'offset' | 'length'> = {},
): Promise<Buffer> {
  return gather(context.driver.get(key, { kind: 'part', signal: context.signal, ...piece }))
}

/** All bytes of a body. Keeps the chunks until its end, so that one that changes afterwards is found out. */
export async function gather(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Asserts that the object is the pattern of this size. */
export async function assertStored(context: CaseContext, key: string, size = 1000, seed = 1): Promise<void> {
  assertBytes(await read(context, key), patternAt(0, size, seed), `get of ${key}`)
}

/** `assert.deepEqual` would print thousands of bytes. */
export function assertBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(
    actual.byteLength,
    expected.byteLength,
    `${what}: ${actual.byteLength} bytes, not ${expected.byteLength}`,
  )
  if (Buffer.compare(actual, expected) === 0) return
  const at = actual.findIndex((byte, index) => byte !== expected[index])
  assert.equal(at, -1, `${what}: byte ${at} differs`)
}

/** Everything that is listed below a name in the case's corner. */
export async function list(context: CaseContext, name = ''): Promise<ObjectInfo[]> {
  const infos: ObjectInfo[] = []
  for await (const info of context.driver.list(context.prefix + name, { signal: context.signal }))
    infos.push(info)
  return infos
}

/** The listed names, without the prefix, sorted. */
export async function names(context: CaseContext, name = ''): Promise<string[]> {
  const infos = await list(context, name)
  return infos
    .map(({ key }) => (key.startsWith(context.prefix) ? key.slice(context.prefix.length) : key))
    .sort()
}

/** Asserts that neither `get` nor `list` knows the key. */
export async function assertAbsent(context: CaseContext, key: string): Promise<void> {
  const error = await rejection(read(context, key), `get of ${key}, which must not exist,`)
  assert.ok(
    isBackupError(error, 'not_found'),
    `get of ${key} rejects with ${String(error)}, not with not_found`,
  )
  const listed = (await list(context)).filter((info) => info.key === key)
  assert.deepEqual(listed, [], `${key} is listed`)
}

/** Asserts that the case's corner is empty. */
export async function assertNothing(context: CaseContext): Promise<void> {
  assert.deepEqual(await names(context), [], 'something was left behind')
}

/** What the promise rejects with. Fails if it resolves. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  const outcome = await promise.then(
    () => ({ resolved: true as const }),
    (error: unknown) => ({ resolved: false as const, error }),
  )
  if (outcome.resolved) assert.fail(`${what} resolves; it must reject`)
  return outcome.error
}

/** Fails if the promise has not settled after the context's patience. */
export async function promptly<T>({ patience }: CaseContext, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `${what} had not settled after ${patience} ms` })),
      patience,
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Something that one side waits for and the other opens. */
export function latch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

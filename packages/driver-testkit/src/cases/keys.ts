import assert from 'node:assert/strict'
import type { ContractCase } from '../contract-case.js'
import { assertStored, names, store } from '../scene.js'

/** What core makes of resource names, and what people put into path templates. */
const oddNames = [
  'users.raw.2.jsonl.gz',
  'Users%20and%2Forders.jsonl.gz',
  '%41~2.jsonl.gz',
  `${'%F0%9F'.repeat(20)}~0123456789abcdef.jsonl.zst.enc`,
  'Straße 1/日本語/😀.json',
  "it's + a & b = c # d ? e !(f) [g] {h} $i @j;k,l",
  '.hidden/..also-hidden/...',
  '-rf/--help',
  '__proto__/constructor',
]

/** Names that become one if somebody decodes, encodes or trims a key. */
const similarNames = ['a b', 'a+b', 'a%20b', 'a%2Bb', 'a%2520b', 'a_b', 'a-b']

export const keyCases: readonly ContractCase[] = [
  {
    id: 'keys-odd',
    title: 'a key may hold any character but a backslash and control characters',
    run: (context) => storeAll(context, oddNames),
  },
  {
    id: 'keys-similar',
    title: 'keys that look alike are different keys',
    run: (context) => storeAll(context, similarNames),
  },
  {
    id: 'keys-long',
    title: 'a key may have 1,024 bytes, and 200 between two slashes',
    async run(context) {
      const segment = 'x'.repeat(199)
      const deep = `${'d/'.repeat(12)}${segment}/`
      const room = 1023 - Buffer.byteLength(context.prefix + deep)
      const rest = Array.from({ length: Math.max(0, Math.floor(room / 200)) }, () => segment)
      const long = `${deep}${[...rest, 'y'].join('/')}`
      await storeAll(context, [`${long}1`, `${long}2`])
    },
  },
]

async function storeAll(
  context: Parameters<ContractCase['run']>[0],
  wanted: readonly string[],
): Promise<void> {
  const keys: string[] = []
  for (const [index, name] of wanted.entries()) keys.push(await store(context, name, index + 1, index))
  assert.deepEqual(await names(context), [...wanted].sort())
  for (const [index, key] of keys.entries()) await assertStored(context, key, index + 1, index)
}

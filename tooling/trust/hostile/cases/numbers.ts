import { type Fields, forge } from '../forge.ts'
import { type HostileCase, nextId } from '../hostile-case.ts'

const content = '{"id":"a"}\n'

/** Texts in the place of numbers: what `JSON.stringify` does not write. */
const numbers = [
  '-1',
  '1e400',
  '-1e400',
  'NaN',
  '0.5',
  '9007199254740993',
  '1e308',
  '"5"',
  'null',
  '[]',
  '-0.0001',
]

const withNumber = (where: 'part' | 'resource', field: string, number: string): HostileCase => {
  const id = nextId()
  const says: Fields = { [field]: '@number@' }
  const objects = forge({
    id,
    parts: [{ file: 'users.jsonl', content, ...(where === 'part' ? { says } : {}) }],
    resources: { users: { ordered: false, ...(where === 'resource' ? says : {}) } },
    spelled: { '"@number@"': number },
  })
  return { name: `${field} of a ${where} is ${number}`, id, objects, restore: 'corrupt' }
}

const partFields = ['records', 'bytes', 'blockBytes', 'contentBytes', 'longestLine']
const resourceFields = [
  'recordCount',
  'bytesWritten',
  'totalCount',
  'replacedCount',
  'deletedCount',
  'vanished',
]

/** Numbers that are numbers, and lie. */
const lies: readonly (readonly [string, Fields, HostileCase['restore']])[] = [
  ['10^9 records in a part', { records: 1e9 }, 'corrupt'],
  ['a part of 10^15 bytes', { bytes: 1e15 }, 'corrupt'],
  ['a part of 10^15 bytes in one block', { bytes: 1e15, blockBytes: 2 ** 52 }, 'corrupt'],
  ['a block of 2^53-1 bytes', { blockBytes: 2 ** 53 - 1 }, 'corrupt'],
  ['blocks of one byte', { blockBytes: 1 }, 'corrupt'],
  ['no records', { records: 0 }, 'corrupt'],
  ['no content', { contentBytes: 0 }, 'corrupt'],
  ['lines without length', { longestLine: 0 }, 'corrupt'],
  ['no blocks', { blocks: [] }, 'corrupt'],
  ['a block too many', { blocks: Array.from({ length: 1000 }, () => 'a'.repeat(64)) }, 'corrupt'],
  ['the hash of something else', { blocks: ['b'.repeat(64)] }, 'corrupt'],
  ['10^15 bytes of content', { contentBytes: 1e15, longestLine: 1e15 }, { users: [{ id: 'a' }] }],
]

const lying = lies.map(([name, says, restore]): HostileCase => {
  const id = nextId()
  const objects = forge({
    id,
    parts: [{ file: 'users.jsonl', content, says }],
    resources: { users: { ordered: false } },
  })
  return { name, id, objects, restore }
})

/** Counts of a resource that nobody can have: they are shown, and nothing is made of them. */
const boasting = ['totalCount', 'recordCount', 'vanished', 'bytesWritten'].map((field): HostileCase => {
  const id = nextId()
  const objects = forge({
    id,
    parts: [{ file: 'users.jsonl', content }],
    resources: { users: { ordered: false, [field]: 1e9 } },
  })
  return { name: `a resource with ${field} 10^9`, id, objects, restore: 'anyhow' }
})

export const numberCases: readonly HostileCase[] = [
  ...partFields.flatMap((field) => numbers.map((number) => withNumber('part', field, number))),
  ...resourceFields.flatMap((field) => numbers.map((number) => withNumber('resource', field, number))),
  ...lying,
  ...boasting,
]

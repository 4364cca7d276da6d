import { type Fields, forge } from '../forge.ts'
import { type HostileCase, nextId } from '../hostile-case.ts'

const content = '{"id":"a"}\n'
const time = '2024-03-15T14:30:45.000Z'
const levels = 100_000
const deepList = `${'['.repeat(levels)}${']'.repeat(levels)}`
const deepObject = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

const deepIn = (
  name: string,
  manifest: Fields,
  entry: Fields,
  restore: HostileCase['restore'],
): HostileCase[] =>
  [deepList, deepObject].map((deep) => {
    const id = nextId()
    const objects = forge({
      id,
      manifest,
      parts: [{ file: 'users.jsonl', content }],
      resources: { users: { ordered: false, ...entry } },
      spelled: { '"@deep@"': deep },
    })
    return { name: `${levels} levels in ${name}`, id, objects, restore }
  })

const deepLine = (holds: string, line: (deep: string) => string): HostileCase[] =>
  [deepList, deepObject].map((deep) => {
    const id = nextId()
    const rows = { file: 'users.jsonl', content: holds === 'rows' ? `${line(deep)}\n` : content }
    const other = { file: `users.${holds}.jsonl`, holds, content: `${line(deep)}\n` }
    const objects = forge({
      id,
      parts: holds === 'rows' ? [rows] : [rows, other],
      resources: { users: { ordered: false } },
    })
    return { name: `${levels} levels in a line of ${holds}`, id, objects, restore: 'anyhow' }
  })

const deepCases = [
  ...deepIn('the notes', { metadata: { note: '@deep@' } }, {}, 'anyhow'),
  ...deepIn('an unknown field', { unheardOf: '@deep@' }, {}, 'anyhow'),
  ...deepIn('the name of the database', { database: '@deep@' }, {}, 'anyhow'),
  ...deepIn('the list of parts', { parts: '@deep@' }, {}, 'corrupt'),
  ...deepIn('the resources', { resources: '@deep@' }, {}, 'corrupt'),
  ...deepIn('the id of the parent', { parent: '@deep@' }, {}, 'corrupt'),
  ...deepIn('a definition', {}, { definition: '@deep@' }, 'anyhow'),
  ...deepIn('the attributes', {}, { attributes: { x: '@deep@' } }, 'anyhow'),
  ...deepLine('rows', (deep) => `{"id":"a","x":${deep}}`),
  ...deepLine('raw', (deep) => `{"id":"a","raw":${deep}}`),
  ...deepLine('index', (deep) => `["a",0,"AAAAAAAAAAA",${deep}]`),
]

/** Names that mean something to JavaScript: as fields, as ids and in notes they are data. */
const telling = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'then',
  'toJSON',
  'length',
]
const poison = '{"polluted":1}'

const inRows = telling.map((name): HostileCase => {
  const id = nextId()
  const line = `{"id":${JSON.stringify(name)},${JSON.stringify(name)}:${poison},"x":{${JSON.stringify(name)}:${poison}}}`
  const parts = [
    { file: 'users.jsonl', content: `${line}\n` },
    {
      file: 'users.raw.jsonl',
      holds: 'raw',
      content: `{"id":${JSON.stringify(name)},"raw":{${JSON.stringify(name)}:1}}\n`,
    },
    { file: 'users.index.jsonl', holds: 'index', content: `[${JSON.stringify(name)},0,"AAAAAAAAAAA"]\n` },
  ]
  const objects = forge({ id, parts, resources: { users: { ordered: false } } })
  return {
    name: `a record, its id and its fields called ${name}`,
    id,
    objects,
    restore: { users: [JSON.parse(line)] },
  }
})

const inManifest = telling.map((name): HostileCase => {
  const id = nextId()
  const fields: unknown = JSON.parse(`{${JSON.stringify(name)}:${poison}}`)
  const part = { file: 'users.jsonl', content }
  const parts = [{ ...part, says: Object(fields) }]
  const resources = {
    users: { ordered: false, attributes: fields, partitions: fields, definition: fields, cursor: fields },
  }
  const manifest = { metadata: fields, database: fields, window: { from: time, to: time, more: fields } }
  return {
    name: `notes, attributes and definitions called ${name}`,
    ...{ id, objects: forge({ id, parts, resources, manifest }), restore: { users: [{ id: 'a' }] } },
  }
})

/** Other things than a manifest under its name, which begin or end as one does. */
const notManifests = [
  ...[
    '',
    '{}',
    '[]',
    'null',
    '"s3db-backup/1"',
    '{"format":"s3db-backup/1"}',
    '\ufeff{}',
    '{"format":"s3db-backup/99999999"}',
  ],
  ...[
    '<html>404</html>',
    '\0'.repeat(5000),
    '['.repeat(levels),
    '{"format":"s3db-backup/1","format":"s3db-backup/1"',
  ],
].map((text): HostileCase => {
  const id = nextId()
  const objects = new Map([[`${id}/s3db.json`, Buffer.from(text)]])
  return { name: `a manifest that is ${JSON.stringify(text.slice(0, 20))}`, id, objects, restore: 'corrupt' }
})

const lines: readonly (readonly [string, string, HostileCase['restore']])[] = [
  ['that is no JSON', 'nonsense\n', 'corrupt'],
  ['that is empty', '\n', 'corrupt'],
  ['that is cut', '{"id":"a"', 'corrupt'],
  ['that is not UTF-8', '{"id":"\u00ff"}\n', 'corrupt'],
  ['with a byte order mark', '\u00ef\u00bb\u00bf{"id":"a"}\n', 'corrupt'],
  ['without an id', '{"name":"x"}\n', 'corrupt'],
  ['with a number for an id', '{"id":7}\n', 'corrupt'],
  ['that is a list', '["a"]\n', 'corrupt'],
  ['that is null', 'null\n', 'corrupt'],
  ['with two ids', '{"id":"a","id":"b"}\n', { users: [{ id: 'b' }] }],
  ['with a carriage return', '{"id":"a"}\r\n', { users: [{ id: 'a' }] }],
]
const strangeLines = lines.map(([name, text, restore]): HostileCase => {
  const id = nextId()
  const parts = [{ file: 'users.jsonl', content: Buffer.from(text, 'latin1') }]
  return {
    name: `a line ${name}`,
    id,
    objects: forge({ id, parts, resources: { users: { ordered: false } } }),
    restore,
  }
})

const twice: readonly HostileCase[] = [true, false].map((ordered) => {
  const id = nextId()
  const parts = [
    { file: 'users.jsonl', content: '{"id":"a","n":1}\n{"id":"a","n":2}\n' },
    { file: 'users.index.jsonl', holds: 'index', content: '["a",0,"AAAAAAAAAAA"]\n["a",0,"BBBBBBBBBBB"]\n' },
  ]
  const objects = forge({ id, parts, resources: { users: { ordered } } })
  return {
    name: `an id twice${ordered ? ', said to ascend' : ''}`,
    id,
    objects,
    restore: ordered ? 'corrupt' : 'anyhow',
  }
})

const strangeChains = (): HostileCase[] => {
  const [self, one, two, orphan, climbing] = [nextId(), nextId(), nextId(), nextId(), nextId()]
  const child = (id: string, parent: unknown) =>
    forge({
      id,
      manifest: { backupType: 'incremental', parent },
      parts: [{ file: 'users.jsonl', content }],
      resources: { users: { whole: false, ordered: false } },
    })
  return [
    { name: 'its own parent', id: self, objects: child(self, self), restore: 'broken_chain' },
    { name: 'a child of its child', id: one, objects: child(one, two), restore: 'broken_chain' },
    { name: 'a parent of its parent', id: two, objects: child(two, one), restore: 'broken_chain' },
    {
      name: 'a parent that is not there',
      id: orphan,
      objects: child(orphan, 'full-9'),
      restore: 'broken_chain',
    },
    {
      ...{ name: 'a parent outside', id: climbing, objects: child(climbing, '../../precious') },
      restore: ['broken_chain', 'invalid_options', 'corrupt'],
    },
  ]
}

const otherIds = ['../../x', '', 'full-2024-03-15T14-30-45-others', '__proto__'].map(
  (claimed): HostileCase => {
    const id = nextId()
    const objects = forge({ id, manifest: { id: claimed }, parts: [{ file: 'users.jsonl', content }] })
    return {
      name: `a manifest that says its id is ${JSON.stringify(claimed)}`,
      id,
      objects,
      restore: 'corrupt',
    }
  },
)

export const shapeCases: readonly HostileCase[] = [
  ...deepCases,
  ...inRows,
  ...inManifest,
  ...notManifests,
  ...strangeLines,
  ...twice,
  ...strangeChains(),
  ...otherIds,
]

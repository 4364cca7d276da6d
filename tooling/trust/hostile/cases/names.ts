import { type ForgedPart, forge } from '../forge.ts'
import { type HostileCase, nextId } from '../hostile-case.ts'

const content = '{"id":"a","name":"x"}\n'
const records = [{ id: 'a', name: 'x' }]

/** Names that lead out of a directory, or that the format does not allow: the manifest is refused. */
const leading = [
  ...[
    '../s3db.json',
    '../../precious',
    '../../../precious',
    '/etc/passwd',
    '//host/share',
    '..',
    '.',
    '',
    'a/b',
    'a/../b',
  ],
  ...[
    'a\\b',
    '..\\..\\precious',
    '\\\\?\\C:\\precious',
    'C:\\precious',
    'a\0b',
    '\0',
    'a\nb',
    '\u001b[2J',
    '\u0085',
  ],
  ...['x'.repeat(256), '日'.repeat(256)],
]

/** Names that are names: of devices, streams and drives on some systems, or of files of ours. What they hold is data. */
const plain = [
  ...[
    'CON',
    'con.jsonl',
    'NUL',
    'COM1',
    'LPT9.gz',
    'AUX',
    'C:',
    'C:precious',
    'users.jsonl:stream',
    'x::$DATA',
  ],
  ...[
    'trailing.',
    'trailing ',
    ' leading',
    '-rf',
    '~',
    '$HOME',
    '%2e%2e%2fprecious',
    '..%2fprecious',
    '…',
    '．．',
    '﹒﹒',
  ],
  ...[
    '\u202egnp.exe',
    '\u200b',
    '\ufeff',
    'e\u0301',
    '.hidden',
    '.tmp',
    'users.jsonl.tmp',
    'index',
    'manifest.json',
  ],
]

const fileNamed = (file: string, more: Partial<ForgedPart> = {}): [string, Map<string, Uint8Array>] => {
  const id = nextId()
  return [id, forge({ id, parts: [{ file, content, ...more }], resources: { users: { ordered: false } } })]
}

const inFiles = (files: readonly string[], restore: HostileCase['restore'], more: Partial<ForgedPart> = {}) =>
  files.map((file): HostileCase => {
    const [id, objects] = fileNamed(file, more)
    return { name: `a part in the file ${JSON.stringify(file.slice(0, 30))}`, id, objects, restore }
  })

/** A part that lies where a file of ours does, and is not there besides. */
const ours = ['s3db.json', 'started.json', 'keys.json', 'deleted.json', 'failed.json']

/** Resources may be called anything but `__proto__` and nothing. They come back under their names. */
const resourceNames = [
  ...[
    '../../precious',
    '/etc/passwd',
    '..',
    '.',
    'a/b',
    'a\\b',
    'C:\\x',
    'CON',
    'nul',
    'a\0b',
    'constructor',
  ],
  ...['toString', 'hasOwnProperty', 'valueOf', 'then', 'length', '__defineGetter__', 'prototype', 'toJSON'],
  ...[
    'manifest.json',
    's3db.json',
    'started.json',
    'keys.json',
    'index',
    'users.index',
    '.tmp',
    '.leases',
    'checksum',
  ],
  ...[':objects', ':objects:users', '\ud800', 'x'.repeat(10_000), '*', '?', '{id}', ' ', '\n', '0', '-1'],
]

const resourceNamed = (name: string): HostileCase => {
  const id = nextId()
  const parts = [{ file: 'part.jsonl', resource: name, content }]
  const objects = forge({ id, parts, resources: { [name]: { ordered: false } } })
  return {
    name: `a resource called ${JSON.stringify(name.slice(0, 30))}`,
    id,
    objects,
    restore: { [name]: records },
  }
}

const badResources = ['', '__proto__'].map((name): HostileCase => {
  const id = nextId()
  const resources: unknown = JSON.parse(`{${JSON.stringify(name)}:{"ordered":false}}`)
  const objects = forge({
    id,
    parts: [{ file: 'part.jsonl', resource: name, content }],
    resources: Object.fromEntries(Object.entries(Object(resources))),
    ...(name === '__proto__' ? { manifest: { resources } } : {}),
  })
  return { name: `a resource called ${JSON.stringify(name)}`, id, objects, restore: 'corrupt' }
})

const twins = (): HostileCase[] => {
  const id = nextId()
  const names = ['users', 'Users', 'USERS', 'caf\u00e9', 'cafe\u0301']
  const parts = names.map((resource, index) => ({ file: `p${index}.jsonl`, resource, content }))
  const resources = Object.fromEntries(names.map((name) => [name, { ordered: false }]))
  const restore = Object.fromEntries(names.map((name) => [name, records]))
  return [
    {
      name: 'resources that differ by case or normalisation',
      id,
      objects: forge({ id, parts, resources }),
      restore,
    },
    ...(['another name', 'another resource'] as const).map((what): HostileCase => {
      const id = nextId()
      const part = { file: 'one.jsonl', content }
      const parts = what === 'another name' ? [part, { ...part }] : [part, { ...part, resource: 'other' }]
      return {
        name: `two parts in one file, of ${what}`,
        id,
        objects: forge({ id, parts }),
        restore: 'corrupt',
      }
    }),
  ]
}

export const nameCases: readonly HostileCase[] = [
  ...inFiles(leading, 'corrupt', { stored: null }),
  ...inFiles(plain, { users: records }),
  ...inFiles(ours.slice(0, 1), 'corrupt', { stored: null }),
  ...inFiles(ours.slice(1), ['corrupt', 'fine'], {}),
  ...inFiles(['.s3db-backup.0123456789abcdef01234567.tmp'], ['corrupt', 'invalid_options', 'fine'], {}),
  ...inFiles(['a\ud800'], ['corrupt', 'invalid_options'], { stored: null }),
  ...resourceNames.map(resourceNamed),
  ...badResources,
  ...twins(),
]

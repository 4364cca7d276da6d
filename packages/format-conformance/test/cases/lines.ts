import type { Case } from '../case.ts'
import { type BackupContent, contentHash, type State, stateOf } from '../writer.ts'
import { people, read, refused } from './make.ts'

/** The rows of a backup as other bytes; what follows from them stays as it was. */
const rows = (change: (text: string) => string | Buffer) => (backup: BackupContent) => {
  backup.alterParts = (parts) =>
    parts.map((part) => {
      if (part.holds !== 'rows') return part
      const changed = change(String(part.content))
      return { ...part, content: Buffer.from(changed as string) }
    })
}

/** Rows as other lines, with the hashes and the state that follow. */
function written(backup: BackupContent, lines: readonly (readonly [id: string, row: string])[]): void {
  const users = backup.resources.users!
  const hashes = lines.map(([id, row]) => [id, contentHash(row)] as const)
  users.rows = lines.map(([, row]) => row)
  users.raw = []
  users.index = hashes.map(([id, hash]) => JSON.stringify([id, 0, hash]))
  users.entry.totalCount = lines.length
  users.entry.state = { before: '0'.repeat(64), after: stateOf(hashes) }
}

const odd: State = {
  a: { row: { text: 'one\r\ntwo\u2028three\u2029four\u0085five\u0000', '': 0.1, big: 1e21 } },
}
const higher = ['\u{1f600}', '\u{1f601}x']
const order: State = Object.fromEntries(
  ['', 'A', 'a', 'a!', 'é', '\ue000', '\uffff', ...higher].map((id) => [id, { row: {} }]),
)

export const linesAndOrder: readonly Case[] = [
  read(['line-odd-text', 'lines are split at 0x0A alone', 'line-1'], [odd]),
  refused(
    ['line-no-end', 'a last line without its line feed is refused', 'line-2'],
    rows((text) => text.slice(0, -1)),
  ),
  refused(
    ['line-empty', 'an empty line is refused', 'line-2'],
    rows((text) => text.replace('\n', '\n\n')),
  ),
  refused(
    ['line-bom', 'a part that begins with a byte order mark is refused', 'line-3'],
    rows((text) => `\ufeff${text}`),
  ),
  refused(
    ['line-not-utf8', 'a part that is not UTF-8 is refused', 'line-3'],
    rows((text) => Buffer.from(text.replace('Ann', '\u00ff\u00ff\u00ff'), 'latin1')),
  ),
  refused(
    ['line-raw-surrogate', 'a lone surrogate that is not escaped is not UTF-8', 'line-3'],
    rows((text) =>
      Buffer.from(
        Buffer.from(text.replace('Ann', '@@@')).toString('latin1').replace('@@@', '\xed\xa0\x80'),
        'latin1',
      ),
    ),
  ),
  ...['{"id":"ann"', 'NaN', "{'id':'ann'}", '{"id":"ann",}', '{"id":"ann","x":"\t"}', '{"id":"ann"} {}'].map(
    (line, at) =>
      refused(
        [`line-no-json-${at + 1}`, `the line ${JSON.stringify(line)} is refused`, 'line-4'],
        rows((text) => text.replace(/^.*\n/, `${line}\n`)),
      ),
  ),
  ...['{"name":"x"}', '{"id":7}', '{"id":null}', 'null', '7', '["ann"]'].map((line, at) =>
    refused(
      [`row-no-id-${at + 1}`, `the row ${line} is refused`, 'row-1'],
      rows((text) => text.replace(/^.*\n/, `${line}\n`)),
    ),
  ),
  read(
    ['row-twice-named', 'of two fields with the same name in a line the last one counts', 'json-2'],
    [people],
    (backup) => written(backup, [['b', '{"id":"a","v":1,"v":2,"id":"b"}']]),
    { users: [{ row: { id: 'b', v: 2 } }] },
  ),
  read(
    [
      'row-other-spelling',
      'a line may be any spelling that JSON allows, and is hashed as it is stored',
      'hash-1',
    ],
    [people],
    (backup) => written(backup, [['ä', '{ "\\u0069d" : "\\u00e4", "v" : 1.0e2 }\r']]),
    { users: [{ row: { id: 'ä', v: 100 } }] },
  ),
  read(
    ['number-nearest', 'a number is read as the nearest 64-bit number', 'number-1'],
    [people],
    (backup) =>
      written(backup, [
        ['a', '{"id":"a","v":[9007199254740993,0.1000000000000000055,1e-400,1E2,12345678901234567890]}'],
      ]),
    { users: [{ row: { id: 'a', v: [9007199254740992, 0.1, 0, 100, 12345678901234567000] } }] },
  ),
  ...['1e400', `[-${'9'.repeat(400)}]`, '{"x":[0,1E+00309]}'].map((value, at) =>
    refused(
      [`number-beyond-${at + 1}`, `a row with a number beyond 64 bits is refused`, 'number-2'],
      (backup) => written(backup, [['a', `{"id":"a","v":${value}}`]]),
    ),
  ),
  refused(
    ['number-beyond-raw', 'a raw form with a number beyond 64 bits is refused', 'number-2'],
    (backup) => {
      const [row, raw] = ['{"id":"a"}', '{"id":"a","raw":-1e999}']
      written(backup, [['a', row]])
      const hash = contentHash(row, raw)
      const users = backup.resources.users!
      users.raw = [raw]
      users.index = [JSON.stringify(['a', 0, hash])]
      users.entry.state = { before: '0'.repeat(64), after: stateOf([['a', hash]]) }
    },
  ),
  ...[',1e309,', `,${'8'.repeat(300)}e50,`].map((modified, at) =>
    refused(
      [`number-beyond-index-${at + 1}`, 'a modified time beyond 64 bits is refused', 'number-2'],
      (backup) => {
        const users = backup.resources.users!
        users.index = users.index.map((line) => line.replace(',0,', modified))
      },
    ),
  ),
  read(['depth-line', 'a line may be nested 500 deep', 'depth-1'], [people], (backup) => {
    const users = backup.resources.users!
    users.index = users.index.map((line) => line.replace(/\]$/, `,${'['.repeat(499)}${']'.repeat(499)}]`))
  }),
  read(
    ['index-modified', 'the time of a record may have a fraction, or be before 1970', 'index-1'],
    [people],
    (backup) => {
      const users = backup.resources.users!
      users.index = users.index.map((line, at) =>
        line.replace(',0,', at === 0 ? ',1710513045000.5,' : ',-1e3,'),
      )
    },
  ),
  read(
    ['row-half-surrogate', 'lone surrogates in ids and fields are read back as they were', 'line-5 order-1'],
    [people],
    (backup) =>
      written(backup, [
        ['\uffff', '{"id":"\uffff"}'],
        ['\ud800', '{"id":"\\ud800","x":"\\udfff"}'],
      ]),
    { users: [{ row: { id: '\uffff' } }, { row: { id: '\ud800', x: '\udfff' } }] },
  ),
  read(['order-utf8', 'ids ascend by their UTF-8, not by the units of UTF-16', 'order-1'], [order]),
  refused(['order-utf16', 'ids that ascend only by the units of UTF-16 are refused', 'order-1'], (backup) =>
    written(
      backup,
      ['\u{1f600}', '\ue000'].map((id) => [id, JSON.stringify({ id })]),
    ),
  ),
  refused(
    ['order-none', 'ids out of order are refused if the entry says that they ascend', 'order-1'],
    (backup) =>
      written(
        backup,
        ['b', 'a'].map((id) => [id, JSON.stringify({ id })]),
      ),
  ),
  read(
    ['order-unordered', 'records in any order are read if the entry allows it', 'order-2'],
    [people],
    (backup) => {
      written(
        backup,
        ['b', 'c', 'a'].map((id) => [id, JSON.stringify({ id })]),
      )
      backup.resources.users!.entry.ordered = false
    },
    { users: [{ row: { id: 'b' } }, { row: { id: 'c' } }, { row: { id: 'a' } }] },
  ),
  refused(['order-twice', 'a record that occurs twice is refused', 'order-3'], (backup) =>
    written(
      backup,
      ['a', 'a'].map((id) => [id, JSON.stringify({ id })]),
    ),
  ),
  refused(
    [
      'order-unordered-twice',
      'a record that occurs twice is refused even if the records may come in any order',
      'order-3',
    ],
    (backup) => {
      written(
        backup,
        ['a', 'b', 'a'].map((id) => [id, JSON.stringify({ id })]),
      )
      backup.resources.users!.entry.ordered = false
    },
  ),
  read(['raw-null', 'null is a raw form', 'raw-1'], [{ a: { row: {}, raw: null }, b: { row: {} } }]),
  refused(['raw-without-row', 'a raw form without its row is refused', 'raw-1'], (backup) => {
    backup.resources.users!.raw.push('{"id":"zzz","raw":1}')
  }),
  refused(
    ['raw-order', 'raw forms that are not in the order of their rows are refused', 'raw-2'],
    (backup) => {
      backup.resources.users!.raw.reverse()
    },
    { states: [{ a: { row: {}, raw: 1 }, b: { row: {}, raw: 2 } }] },
  ),
  refused(['raw-missing-field', 'a raw form without raw is refused', 'raw-1'], (backup) => {
    backup.resources.users!.raw = ['{"id":"zoe"}']
  }),
  read(
    ['index-more', 'further elements of an entry of the index are ignored', 'index-1'],
    [people],
    (backup) => {
      const users = backup.resources.users!
      users.index = users.index.map((line) => line.replace(']', ',"etag",{}]'))
    },
  ),
  ...['{}', '["ann",0]', '["ann","0","x"]', '[1,0,"x"]'].map((line, at) =>
    refused(
      [`index-no-entry-${at + 1}`, `an entry of the index that is ${line} is refused`, 'index-1'],
      (backup) => {
        backup.resources.users!.index[0] = line
      },
    ),
  ),
  refused(['index-missing', 'a backup without an index is refused', 'index-2'], (backup) => {
    backup.resources.users!.index = []
  }),
  refused(['index-row-missing', 'a row without its entry in the index is refused', 'index-2'], (backup) => {
    backup.resources.users!.index.pop()
  }),
  refused(['index-without-row', 'every index entry of a whole entry has a row', 'index-3'], (backup) => {
    backup.resources.users!.index.push('["zzz",0,"AAAAAAAAAAA"]')
  }),
  refused(['index-other', 'an index of other records than the rows is refused', 'index-2'], (backup) => {
    backup.resources.users!.index = backup.resources.users!.index.map((line) => line.replace('ann', 'bob'))
  }),
  refused(['hash-lines', 'a row whose hash is not the one in the index is refused', 'hash-1'], (backup) => {
    const users = backup.resources.users!
    users.rows = users.rows.map((line) => line.replace('Ann', 'Eve'))
  }),
  refused(
    ['hash-raw', 'a raw form whose hash is not the one in the index is refused', 'hash-1'],
    (backup) => {
      backup.resources.users!.raw = ['{"id":"zoe","raw":{"body":"y"}}']
    },
  ),
  ...[undefined, 'of a later version'].map((contentHash, at) =>
    read(
      [
        `hash-own-${at + 1}`,
        `hashes of the source's own, ${contentHash === undefined ? 'without' : 'with another'} contentHash, are only compared`,
        'hash-2',
      ],
      [people],
      (backup) => {
        const users = backup.resources.users!
        const hashes = [
          ['ann', 'e1'],
          ['zoe', 'e2'],
        ] as const
        users.index = hashes.map(([id, hash]) => JSON.stringify([id, 1710513045000, hash]))
        Object.assign(users.entry, { contentHash, state: { before: '0'.repeat(64), after: stateOf(hashes) } })
      },
    ),
  ),
  refused(
    ['state-after', 'records that do not match the state of their entry are refused', 'state-1'],
    (backup) => {
      Object.assign(backup.resources.users!.entry, {
        state: { before: '0'.repeat(64), after: 'f'.repeat(64) },
      })
    },
  ),
]

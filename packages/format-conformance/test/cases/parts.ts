import { deflateSync, gzipSync } from 'node:zlib'
import type { Case } from '../case.ts'
import { type PartContent, sha256 } from '../writer.ts'
import { people, read, refused } from './make.ts'

const rowsFirst = (change: (part: PartContent) => PartContent) => (parts: PartContent[]) =>
  parts.map((part, at) => (at === 0 ? change(part) : part))

const wrong = (name: string, title: string, proves: string, part: object, more = {}) =>
  refused(
    [`part-${name}`, title, proves],
    (backup) => {
      backup.alterManifest = ({ parts }) => Object.assign((parts as object[])[0]!, part)
    },
    more,
  )

const altered = (name: string, title: string, change: (bytes: Buffer) => Buffer | undefined) =>
  refused([`part-${name}`, title, 'part-1'], (backup) => {
    backup.alterFiles = (files) => {
      const bytes = change(Buffer.from(files.get('r0.rows.jsonl')!))
      if (bytes === undefined) files.delete('r0.rows.jsonl')
      else files.set('r0.rows.jsonl', bytes)
    }
  })

// Byte 9 of a gzip header names the operating system; 255, "unknown", is the same on every machine.
const gzip = (content: Buffer | string) => {
  const bytes = gzipSync(content)
  bytes[9] = 255
  return bytes
}

/** A frame of zstd with one block that is not compressed (RFC 8878, section 3.1.1). */
const zstdFrame = (content: Buffer) =>
  Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, content.byteLength]),
    Buffer.from([((content.byteLength << 3) | 1) & 255, content.byteLength >> 5, 0]),
    content,
  ])

const stored = (codecs: string[], bytes: (content: Buffer) => Buffer) =>
  rowsFirst((part) => ({ ...part, codecs, bytes: bytes(part.content) }))

const unknown = (file: string, more: Partial<PartContent> = {}): PartContent => ({
  file,
  resource: 'users',
  holds: 'of a later version',
  content: Buffer.from('?'),
  codecs: ['of a later version'],
  ...more,
})

export const parts: readonly Case[] = [
  altered('altered', 'a part with an altered byte is refused', (bytes) => {
    bytes[9] = bytes[9]! ^ 1
    return bytes
  }),
  altered('longer', 'a part that continues after its end is refused', (bytes) =>
    Buffer.concat([bytes, Buffer.from('\n')]),
  ),
  altered('missing', 'a backup with a missing part is refused', () => undefined),
  refused(['part-swapped', 'swapped parts are refused', 'part-1'], (backup) => {
    backup.alterFiles = (files) => {
      const [rows, index] = [files.get('r0.rows.jsonl')!, files.get('r0.index.jsonl')!]
      files.set('r0.rows.jsonl', index).set('r0.index.jsonl', rows)
    }
  }),
  wrong('other-sha256', 'a part whose sha256 is not that of its blocks is refused', 'part-1', {
    sha256: sha256('x'),
  }),
  wrong('no-blocks', 'a part without the hashes of its blocks is refused', 'part-2', { blocks: [] }),
  wrong('large-blocks', 'blocks of more than 64 MiB are refused', 'part-2', { blockBytes: 67_108_865 }),
  read(['part-blocks', 'a part is compared block by block', 'part-2'], [people], (backup) => {
    backup.alterParts = rowsFirst((part) => {
      const blockBytes = 16
      const blocks = []
      for (let from = 0; from < part.content.byteLength; from += blockBytes)
        blocks.push(sha256(part.content.subarray(from, from + blockBytes)))
      return { ...part, part: { blockBytes, blocks } }
    })
  }),
  wrong('content-bytes', 'a part that decodes to more than contentBytes is refused', 'part-3', {
    contentBytes: 10,
  }),
  refused(
    ['part-bomb', 'a part that decodes to far more than contentBytes is refused', 'part-3'],
    (backup) => {
      backup.alterParts = stored(['gzip'], (content) =>
        Buffer.concat([gzip(content), gzip(Buffer.alloc(2 ** 20, '\n'))]),
      )
    },
  ),
  wrong('longest-line', 'a line longer than longestLine is refused', 'part-4', { longestLine: 10 }),
  wrong('records', 'a part with the wrong number of lines is refused', 'part-5', { records: 3 }),
  read(
    ['part-order', 'parts of one kind are read in the order of the list', 'part-6'],
    [people],
    (backup) => {
      backup.alterParts = ([rows, ...others]) => {
        const [first = '', second = ''] = String(rows!.content).split('\n')
        const half = (file: string, line: string) => ({ ...rows!, file, content: Buffer.from(`${line}\n`) })
        return [half('z.jsonl', first), ...others, half('a.jsonl', second)]
      }
    },
  ),
  read(['part-unknown-kind', 'parts of unknown kinds are skipped', 'part-7'], [people], (backup) => {
    backup.parts.push(unknown('x'), unknown('y', { resource: 'no resource' }))
  }),
  refused(
    ['part-unknown-altered', 'the bytes of a part of an unknown kind are compared', 'part-7'],
    (backup) => {
      backup.parts.push(unknown('x'))
      backup.alterFiles = (files) => files.set('x', Buffer.from('!'))
    },
  ),
  read(['codec-members', 'gzip of several members is read to its end', 'codec-2'], [people], (backup) => {
    backup.alterParts = stored(['gzip'], (content) =>
      Buffer.concat([gzip(content.subarray(0, 20)), gzip(''), gzip(content.subarray(20))]),
    )
  }),
  read(['codec-backwards', 'codecs are undone from the last to the first', 'codec-3'], [people], (backup) => {
    backup.alterParts = stored(['deflate', 'gzip'], (content) => gzip(deflateSync(content)))
  }),
  read(
    ['part-offsets', 'true offsets change nothing, whether a reader knows them or not', 'offsets-1 part-7'],
    [people],
    (backup) => {
      backup.alterParts = (parts) => {
        const { file, content } = parts[0]!
        const middle = content.indexOf(0x0a) - 5
        const second = content.indexOf(0x0a) + 1 - middle
        const pieces = [content.subarray(0, middle), content.subarray(middle)] as const
        const lines = [
          [file, 0, middle, middle, sha256(pieces[0]), 'ann', 0],
          [file, middle, pieces[1].byteLength, pieces[1].byteLength, sha256(pieces[1]), 'zoe', second],
        ]
        const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
        return [...parts, { file: 'o', resource: 'users', holds: 'offsets', content: Buffer.from(text) }]
      }
    },
  ),
  read(
    ['part-keys-plain', 'a part of the kind keys has no meaning in a backup that is not encrypted', 'part-7'],
    [people],
    (backup) => {
      backup.parts.push(unknown('keys.json', { holds: 'keys', resource: '' }))
    },
  ),
  refused(
    [
      'part-keys-plain-altered',
      'in a backup that is not encrypted, the bytes of a part of the kind keys are compared',
      'part-7',
    ],
    (backup) => {
      backup.parts.push(unknown('keys.json', { holds: 'keys', resource: '' }))
      backup.alterFiles = (files) => files.set('keys.json', Buffer.from('!'))
    },
  ),
  read(
    ['codec-zstd-frame', 'zstd of one frame is read if zstd is supported', 'codec-1'],
    [people],
    (backup) => {
      backup.alterParts = stored(['zstd'], zstdFrame)
    },
    { needs: ['zstd'] },
  ),
  refused(
    ['codec-zstd-frames', 'zstd of two frames is refused', 'codec-8'],
    (backup) => {
      backup.alterParts = stored(['zstd'], (content) =>
        Buffer.concat([zstdFrame(content.subarray(0, 20)), zstdFrame(content.subarray(20))]),
      )
    },
    { needs: ['zstd'] },
  ),
  ...['gzip', 'deflate'].map((codec) =>
    refused(
      [`codec-nothing-${codec}`, `zero bytes are not ${codec}`, 'codec-6'],
      (backup) => {
        backup.alterParts = stored([codec], () => Buffer.alloc(0))
      },
      { states: [{}] },
    ),
  ),
  read(
    ['codec-between', 'the data between two codecs may be larger than the content', 'codec-7'],
    [people],
    (backup) => {
      backup.alterParts = stored(['deflate', 'gzip'], (content) => gzip(deflateSync(content, { level: 0 })))
    },
  ),
  refused(
    ['codec-unknown', 'an unknown codec is refused before anything is written', 'codec-4'],
    (backup) => {
      backup.alterParts = stored(['lz4'], (content) => content)
    },
    { code: 'unsupported' },
  ),
  refused(['codec-trailing', 'bytes after the end of a compressed part are refused', 'codec-5'], (backup) => {
    backup.alterParts = stored(['gzip'], (content) => Buffer.concat([gzip(content), Buffer.from('x')]))
  }),
  refused(
    ['codec-trailing-zero', 'zeros after the end of a compressed part are refused', 'codec-5'],
    (backup) => {
      backup.alterParts = stored(['gzip'], (content) => Buffer.concat([gzip(content), Buffer.alloc(3)]))
    },
  ),
  refused(
    ['codec-cut', 'a compressed part that ends early is refused, although its hash is right', 'codec-5'],
    (backup) => {
      backup.alterParts = stored(['gzip'], (content) => gzip(content).subarray(0, -4))
    },
  ),
  refused(['codec-false', 'a part that does not match its codec is refused', 'codec-5'], (backup) => {
    backup.alterParts = stored(['gzip'], (content) => content)
  }),
]

import { promisify } from 'node:util'
import { gzip as compress } from 'node:zlib'
import type { Codec } from '../ports/codec.js'
import { abortable } from '../streams/abortable.js'
import { ordered } from '../streams/ordered.js'
import { readingCompressed } from './damaged.js'
import { gunzip } from './gunzip.js'
import { checkLevel } from './level.js'
import { memberBuffers } from './member-buffers.js'

const compressMember = promisify(compress)

/** Bytes of content per gzip member. Below 1 MiB the restarts begin to cost size, above it they save nothing. */
const memberBytes = 1024 * 1024

/** Members compressed at once: as many as Node's worker threads that two cores can keep busy. */
const membersInFlight = 4

/**
 * The bytes that zlib returns at a time. It asks the main thread for a new buffer after each: at Node's own 16 KiB the
 * compressing threads would mostly wait for a main thread that has records to read.
 */
const roomBytes = 256 * 1024

/**
 * gzip (RFC 1952). The content is compressed in members of 1 MiB, several at once; a file of several members
 * is an ordinary gzip file (RFC 1952, section 2.2) that zcat, DuckDB and Node read as one.
 *
 * @param options.level 0 (none) to 9 (smallest); 6 if left out.
 */
export function gzip(options: { readonly level?: number | undefined } = {}): Codec {
  const level = checkLevel('gzip', options.level ?? 6, 0, 9)
  const buffers = memberBuffers(memberBytes)
  return {
    id: 'gzip',
    suffix: '.gz',
    memberBytes,
    async *encode(bytes, { signal }) {
      let members = 0
      for await (const member of ordered(
        buffers.fill(abortable(bytes, signal)),
        membersInFlight,
        async (content) => {
          const chunkSize = Math.max(1024, Math.min(roomBytes, content.byteLength))
          const compressed = await compressMember(content, { level, chunkSize })
          buffers.giveBack(content)
          return compressed
        },
      )) {
        signal.throwIfAborted()
        members += 1
        yield member
      }
      if (members === 0) yield await compressMember(new Uint8Array(0), { level })
    },
    decode: (bytes, context) => readingCompressed('gzip', context, gunzip(bytes, context.signal)),
  }
}

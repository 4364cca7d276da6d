// A custom codec: brotli, set to text mode and with a larger window than the built-in one.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { constants, createBrotliCompress, createBrotliDecompress } from 'node:zlib'
import { backup, records, verify } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'

const params = {
  [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
  [constants.BROTLI_PARAM_QUALITY]: 5,
  [constants.BROTLI_PARAM_LGWIN]: 24,
}

/**
 * Bytes in, bytes out, and back again. The id is written into the manifest: whoever reads the backup needs this codec.
 * @type {import('@s3db-backup/core').Codec}
 */
const brotliText = {
  id: 'brotli-text',
  suffix: '.br',
  encode: (bytes, { signal }) => through(bytes, createBrotliCompress({ params }), signal),
  decode: (bytes, { signal }) => through(bytes, createBrotliDecompress(), signal),
}

/** `compose` carries errors, ends and aborts both ways. */
function through(bytes, transform, signal) {
  return Readable.from(bytes, { objectMode: false }).compose(transform, { signal })
}

const folder = await mkdtemp(join(tmpdir(), 's3db-backup-example-'))
const driver = filesystem({ path: folder })
const words = Array.from({ length: 5000 }, (_, index) => ({
  id: `${index}`,
  text: 'the same again and again',
}))

const { id, manifest } = await backup({
  source: records({ words: { records: words } }),
  driver,
  codecs: [brotliText],
})
const [part] = manifest.parts
console.log(`${part.codecs.join(', ')}: ${part.contentBytes} bytes in ${part.bytes}`)
console.log((await readdir(join(folder, id))).sort().join(' '))

const { ok } = await verify({ driver, id, codecs: [brotliText] })
console.log(ok ? 'read back' : 'damaged')
await rm(folder, { recursive: true })

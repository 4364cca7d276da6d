import { BackupError } from '../errors.js'
import type { CodecContext } from '../ports/codec.js'

/** Turns what a decompressor says about bad bytes into `corrupt`, naming the file. Other errors pass. */
export async function* readingCompressed(
  codec: string,
  context: CodecContext,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    if (!isZlibError(error)) throw error
    throw new BackupError('corrupt', `${context.file} is not valid ${codec} data: ${error.message}`, {
      operation: 'download',
      metadata: { backupId: context.backupId, file: context.file, codec },
      cause: error,
    })
  }
}

function isZlibError(error: unknown): error is Error & { code: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  return /^(Z_|ZSTD_|ERR__ERROR_|ERR_BROTLI)/.test(error.code)
}

import type { FileHandle } from 'node:fs/promises'

/** Bytes that are written at once. */
const size = 2 ** 20

/** Writes through one buffer: a write for each small piece takes as long as reading it. */
export function blockWriter(handle: FileHandle) {
  const buffer = Buffer.allocUnsafe(size)
  let used = 0

  async function flush(): Promise<void> {
    const full = buffer.subarray(0, used)
    used = 0
    await writeAll(handle, full)
  }

  return {
    async write(bytes: Uint8Array): Promise<void> {
      if (used + bytes.byteLength > size) await flush()
      if (bytes.byteLength > size) return writeAll(handle, bytes)
      buffer.set(bytes, used)
      used += bytes.byteLength
    },
    flush,
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength; )
    written += (await handle.write(bytes, written)).bytesWritten
}

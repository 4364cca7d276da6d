import type { FileHandle } from 'node:fs/promises'

/** Bytes that are written at once. */
const size = 2 ** 20

/** Writes lines through one buffer: a buffer and a write for each batch take as long as reading them. */
export function lineWriter(handle: FileHandle) {
  const buffer = Buffer.allocUnsafe(size)
  let used = 0

  async function flush(): Promise<void> {
    const full = buffer.subarray(0, used)
    used = 0
    await writeAll(handle, full)
  }

  return {
    /** Whether a line fits into what is left of the buffer, in which case `add` takes it. */
    fits: (text: string): boolean => used + text.length * 3 + 1 <= size,
    add(text: string): void {
      used += buffer.write(text, used)
      buffer[used] = 0x0a
      used += 1
    },
    flush,
    async addLong(text: string): Promise<void> {
      await flush()
      if (text.length * 3 + 1 <= size) return this.add(text)
      await writeAll(handle, Buffer.from(`${text}\n`))
    },
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength; )
    written += (await handle.write(bytes, written)).bytesWritten
}

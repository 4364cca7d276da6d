/*
 * Node 22's decoder of Zstandard does not report that a stream is cut. So the frames are counted here by the sizes in
 * their headers (RFC 8878, section 3.1). Nothing is decoded.
 */

/** The number that begins a frame, and the one that begins a frame to skip, where the lowest four bits may differ. */
const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a50

/** Follows the frames of a stream, piece by piece. */
export interface ZstdFrames {
  add(piece: Uint8Array): void
  /** Whether the stream can end here: after a whole frame. */
  isWhole(): boolean
}

/** The bytes that are read next, and what they mean: how many bytes to skip, and the step after that. */
interface Step {
  readonly bytes: number
  readonly read: (bytes: Buffer) => { readonly skip: number; readonly next: Step }
}

export function zstdFrames(): ZstdFrames {
  let held = Buffer.alloc(0)
  let skip = 0
  let frames = 0

  const start: Step = {
    bytes: 4,
    read(bytes) {
      const magic = bytes.readUInt32LE()
      frames += 1
      if ((magic & 0xfffffff0) >>> 0 === skippableMagic) return { skip: 0, next: skippable }
      // The decoder says what is wrong with anything else.
      return magic === frameMagic ? { skip: 0, next: descriptor } : { skip: 0, next: nothing }
    },
  }
  const nothing: Step = { bytes: 1, read: () => ({ skip: 0, next: nothing }) }
  const skippable: Step = { bytes: 4, read: (bytes) => ({ skip: bytes.readUInt32LE(), next: start }) }
  const descriptor: Step = {
    bytes: 1,
    read(bytes) {
      const flags = bytes.readUInt8()
      const isSingle = (flags & 0x20) !== 0
      const window = isSingle ? 0 : 1
      const dictionary = [0, 1, 2, 4][flags & 3] ?? 0
      const size = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
      return { skip: window + dictionary + size, next: block((flags & 4) !== 0) }
    },
  }
  const block = (hasChecksum: boolean): Step => ({
    bytes: 3,
    read(bytes) {
      const header = bytes.readUIntLE(0, 3)
      const isLast = (header & 1) !== 0
      const isRepeated = ((header >> 1) & 3) === 1
      const content = isRepeated ? 1 : header >> 3
      const after = isLast && hasChecksum ? 4 : 0
      return { skip: content + after, next: isLast ? start : block(hasChecksum) }
    },
  })
  let step = start

  return {
    add(piece) {
      let rest = piece
      while (rest.byteLength > 0) {
        if (skip > 0) {
          const skipped = Math.min(skip, rest.byteLength)
          skip -= skipped
          rest = rest.subarray(skipped)
          continue
        }
        const wanted = step.bytes - held.byteLength
        held = Buffer.concat([held, rest.subarray(0, wanted)])
        rest = rest.subarray(wanted)
        if (held.byteLength < step.bytes) return
        const { skip: more, next } = step.read(held)
        held = Buffer.alloc(0)
        skip = more
        step = next
      }
    },
    isWhole: () => step === start && held.byteLength === 0 && skip === 0 && frames > 0,
  }
}

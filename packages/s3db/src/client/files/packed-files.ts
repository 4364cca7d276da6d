/** What the files of one folder show, by the UTF-8 bytes of their names, each name once. */
export interface SortedFiles {
  readonly size: number
  nameAt(position: number): string
  /** In ms since 1970. */
  modifiedAt(position: number): number
  /** The size of the body's file. */
  bytesAt(position: number): number
  /** How many names come before this one. */
  countBefore(name: string): number
}

const firstRoom = 1024
const encoder = new TextEncoder()

/**
 * Holds names as their bytes, one after the other, and their numbers beside them. A string and its numbers take several
 * times as much for each of a million files, and V8 then lets the heap grow to twice that.
 */
export function packedFiles() {
  let text = new Uint8Array(16 * firstRoom)
  /** Where each name ends; the next one begins there. */
  let ends = new Float64Array(firstRoom)
  let times = new Float64Array(firstRoom)
  let sizes = new Float64Array(firstRoom)
  let count = 0

  const startOf = (file: number) => (file === 0 ? 0 : (ends[file - 1] ?? 0))
  const endOf = (file: number) => ends[file] ?? 0
  const compareFiles = (a: number, b: number) =>
    compareBytes(text, startOf(a), endOf(a), text, startOf(b), endOf(b))

  function makeRoom(bytes: number): void {
    if (text.length < startOf(count) + bytes) {
      const before = text
      text = new Uint8Array(2 * before.length + bytes)
      text.set(before)
    }
    if (count < ends.length) return
    ends = twice(ends)
    times = twice(times)
    sizes = twice(sizes)
  }

  return {
    add(name: string, modified: number, bytes: number): void {
      // A UTF-16 unit takes at most three bytes.
      makeRoom(3 * name.length)
      const start = startOf(count)
      ends[count] = start + encoder.encodeInto(name, text.subarray(start)).written
      times[count] = modified
      sizes[count] = bytes
      count += 1
    },
    /** Of files with the same name the one that was added last counts. Nothing may be added afterwards. */
    sorted(): SortedFiles {
      // The sort is stable, so the one added last comes last.
      const all = Uint32Array.from({ length: count }, (_, file) => file).sort(compareFiles)
      const order = all.filter((file, at) => at + 1 === count || compareFiles(file, all[at + 1] ?? 0) !== 0)
      const fileAt = (position: number) => order[position] ?? 0
      return {
        size: order.length,
        nameAt(position) {
          const start = startOf(fileAt(position))
          return Buffer.from(text.buffer, start, endOf(fileAt(position)) - start).toString()
        },
        modifiedAt: (position) => times[fileAt(position)] ?? 0,
        bytesAt: (position) => sizes[fileAt(position)] ?? 0,
        countBefore(name) {
          const wanted = encoder.encode(name)
          let [low, high] = [0, order.length]
          while (low < high) {
            const middle = (low + high) >> 1
            const file = fileAt(middle)
            const isBefore = compareBytes(text, startOf(file), endOf(file), wanted, 0, wanted.length) < 0
            if (isBefore) low = middle + 1
            else high = middle
          }
          return low
        },
      }
    },
  }
}

function twice(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const more = new Float64Array(2 * numbers.length)
  more.set(numbers)
  return more
}

/** In a loop of our own: for names as short as these, `buffer.compare` takes two to three times as long. */
function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart)
  for (let at = 0; at < length; at++) {
    const difference = (a[aStart + at] ?? 0) - (b[bStart + at] ?? 0)
    if (difference !== 0) return difference
  }
  return aEnd - aStart - (bEnd - bStart)
}

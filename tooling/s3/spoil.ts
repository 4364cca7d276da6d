import { Transform } from 'node:stream'

/** Lets so many bytes through, then calls back and swallows the rest. A body that is shorter breaks off at its end. */
export function cutAfter(limit: number, reached: () => void): Transform {
  let left = limit
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (left < 0) return done()
      const part = chunk.subarray(0, left)
      left -= chunk.byteLength
      // Also at exactly the limit: a body of that size must break off too.
      if (left <= 0) {
        left = -1
        setImmediate(reached)
      }
      done(null, part)
    },
    // Never ends by itself: an end would tell the reader that the body is complete.
    flush() {
      if (left >= 0) reached()
    },
  })
}

/** Inverts the byte at an offset. */
export function flip(at: number): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const index = at - seen
      seen += chunk.byteLength
      if (index < 0 || index >= chunk.byteLength) return done(null, chunk)
      const altered = Buffer.from(chunk)
      altered[index] = (altered[index] ?? 0) ^ 0xff
      done(null, altered)
    },
  })
}
